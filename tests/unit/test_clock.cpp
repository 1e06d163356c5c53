// core/sys: the clock.
#include "sys/clock.hpp"
#include "unit.hpp"

namespace {

using boucle::Clock;

// Long enough for the counter's rate to be known, and used.
constexpr int64_t kWhile = 20'000'000;
// A reading may be interrupted for so long without being noticed, twice.
constexpr int64_t kSlack = 10'000;

void clock_never_goes_back(void **) {
  Clock clock(false);
  int64_t start = clock.now();
  for (int64_t last = start, now; last - start < kWhile; last = now) {
    now = clock.now();
    assert_true(now >= last);
  }
}

void clock_agrees_with_the_system_s(void **) {
  Clock clock(false);
  int64_t start = Clock::monotonic();
  for (int64_t before = start; before - start < kWhile;) {
    before = Clock::monotonic();
    int64_t now = clock.now();
    int64_t after = Clock::monotonic();
    assert_true(now >= before - kSlack);
    assert_true(now <= after + kSlack);
  }
}

void clock_virtual_stands_still_until_it_is_moved(void **) {
  Clock clock(true);
  for (int i = 0; i < 1000; ++i) assert_int_equal(0, clock.now());
  clock.advance_to(12345);
  assert_int_equal(12345, clock.now());
  assert_int_equal(12345, clock.now_elsewhere());
}

}  // namespace

int main() {
  const CMUnitTest tests[] = {
      cmocka_unit_test(clock_never_goes_back),
      cmocka_unit_test(clock_agrees_with_the_system_s),
      cmocka_unit_test(clock_virtual_stands_still_until_it_is_moved),
  };
  return cmocka_run_group_tests_name("clock", tests, nullptr, nullptr);
}
