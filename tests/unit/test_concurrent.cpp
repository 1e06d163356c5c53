// core/async: states that two racing threads reach only by chance, made on purpose.
#include "async/concurrent.hpp"
#include "unit.hpp"

namespace {

using boucle::Concurrent;
using boucle::Exception;
using boucle::Loop;
using boucle::LoopOptions;
using boucle::Outcome;
using boucle::Ref;
using boucle::Task;
using boucle::Userdata;

void count(void *counter) { ++*static_cast<int *>(counter); }
void never_step(Task *, void *) { fail(); }

Loop *make_loop() {
  LoopOptions options;
  Loop *loop;
  options.virtual_clock = true;
  assert_int_equal(0, Loop::make(options, loop));
  return loop;
}

// The loop is closed after the thread that starts the task has checked it, and before that thread posts.
void concurrent_posted_to_a_loop_closed_meanwhile_ends(void **) {
  Loop *loop = make_loop();
  int destroyed = 0;
  assert_int_equal(0, loop->close());
  Ref<Concurrent> concurrent = Concurrent::start(*loop, never_step, Userdata(&destroyed, count));
  Outcome outcome;
  assert_true(concurrent->done());
  assert_int_equal(0, concurrent->wait(-1, outcome));
  assert_string_equal("Event loop is closed", outcome.exception()->message());
  assert_false(concurrent->cancel(Exception::cancelled()));
  loop->unref();
  assert_int_equal(1, destroyed);
}

// The loop is closed after the post, and before it took anything.
void concurrent_dropped_by_a_loop_that_closes_ends(void **) {
  Loop *loop = make_loop();
  int destroyed = 0;
  Ref<Concurrent> concurrent = Concurrent::start(*loop, never_step, Userdata(&destroyed, count));
  Outcome outcome;
  assert_false(concurrent->done());
  assert_int_equal(0, loop->close());
  assert_true(concurrent->done());
  assert_int_equal(1, destroyed);
  assert_int_equal(0, concurrent->wait(-1, outcome));
  assert_true(outcome.failed());
  loop->unref();
}

// Cancelled before the loop knows of it: the step never runs, and what the cancellation posts is dropped or run.
void concurrent_cancelled_before_it_arrived_never_starts(void **) {
  for (int run = 0; run < 2; ++run) {
    Loop *loop = make_loop();
    int destroyed = 0;
    Ref<Concurrent> concurrent = Concurrent::start(*loop, never_step, Userdata(&destroyed, count));
    assert_true(concurrent->cancel(Exception::cancelled()));
    assert_false(concurrent->cancel(Exception::cancelled()));
    assert_true(concurrent->done());
    if (run) assert_int_equal(boucle::status::DEADLOCK, loop->run_forever());
    loop->unref();
    Outcome outcome;
    assert_int_equal(0, concurrent->wait(0, outcome));
    assert_true(outcome.cancelled());
    assert_int_equal(1, destroyed);
  }
}

}  // namespace

int main() {
  const CMUnitTest tests[] = {
      cmocka_unit_test(concurrent_posted_to_a_loop_closed_meanwhile_ends),
      cmocka_unit_test(concurrent_dropped_by_a_loop_that_closes_ends),
      cmocka_unit_test(concurrent_cancelled_before_it_arrived_never_starts),
  };
  return cmocka_run_group_tests_name("concurrent", tests, nullptr, nullptr);
}
