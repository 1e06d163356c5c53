// core/sys: stacks, and the pool that keeps them.
#include <cstring>
#include <set>
#include <vector>

#include "sys/stack.hpp"
#include "unit.hpp"

namespace {

using boucle::Stack;
using boucle::StackPool;

void stack_has_whole_pages_and_at_least_two(void **) {
  StackPool least(1), odd(3 * 4096 + 1);
  Stack small = least.take(), large = odd.take();
  assert_int_equal(2 * 4096, small.size);
  assert_int_equal(4 * 4096, large.size);
  std::memset(small.bottom, 1, small.size);
  std::memset(large.bottom, 1, large.size);
  least.give(small);
  odd.give(large);
}

void stack_that_came_back_last_is_taken_first(void **) {
  StackPool pool(8192);
  Stack one = pool.take(), two = pool.take();
  assert_ptr_not_equal(one.bottom, two.bottom);
  pool.give(one);
  pool.give(two);
  assert_ptr_equal(two.bottom, pool.take().bottom);
  assert_ptr_equal(one.bottom, pool.take().bottom);
  pool.give(one);
  pool.give(two);
}

// More than are kept: some are unmapped, others lose all but their topmost page, and all can be used again.
void stacks_of_a_peak_can_be_used_again(void **) {
  StackPool pool(16384);
  std::vector<Stack> stacks;
  for (int round = 0; round < 2; ++round) {
    std::set<char *> bottoms;
    for (int i = 0; i < 2000; ++i) {
      stacks.push_back(pool.take());
      bottoms.insert(stacks.back().bottom);
      std::memset(stacks.back().bottom, i, stacks.back().size);
    }
    assert_int_equal(2000, bottoms.size());
    for (Stack stack : stacks) pool.give(stack);
    stacks.clear();
    assert_true(pool.has_surplus());
    int slices = 0;
    for (; pool.has_surplus(); ++slices) pool.trim();
    assert_true(slices > 10);
  }
}

}  // namespace

int main() {
  const CMUnitTest tests[] = {
      cmocka_unit_test(stack_has_whole_pages_and_at_least_two),
      cmocka_unit_test(stack_that_came_back_last_is_taken_first),
      cmocka_unit_test(stacks_of_a_peak_can_be_used_again),
  };
  return cmocka_run_group_tests_name("stack", tests, nullptr, nullptr);
}
