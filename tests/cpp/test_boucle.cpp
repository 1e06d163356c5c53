// boucle/boucle.hpp. Built as C++17 and C++20, with and without RTTI.
#include <boucle/boucle.hpp>

extern "C" {
#include "../support.h"
}

#include <signal.h>
#include <unistd.h>

#include <memory>
#include <string>
#include <thread>
#include <vector>

namespace {

using boucle::loop_ptr;

loop_ptr make_loop() { return loop_ptr::adopt(new_virtual_loop()); }

int64_t to_int(const boucle::value_ptr &value) {
  int64_t integer = -1;
  assert_ok(value_get_int(value, &integer));
  return integer;
}

// Runs f, which is to fail, and says how: "STATUS: text".
template <class F>
std::string failure_of(F &&f) {
  try {
    f();
  } catch (const boucle::error &e) {
    return std::string(loop_status_name(e.status())) + ": " + e.what();
  }
  return "nothing";
}
#define assert_text(expected, text) assert_string_equal(expected, std::string(text).c_str())

// ---- owners ----

void owner_counts_references(void **) {
  boucle::future_ptr future, none;
  loop_ptr loop = make_loop();
  assert_true(!future);
  boucle::check(loop_create_future(loop, future.put()));
  boucle::future_ptr copy = future, moved = std::move(copy);
  assert_true(future && moved == future && !copy);
  future = none;
  assert_false(future_done(moved));
  boucle::future_ptr &same = moved;
  moved = same;
  assert_non_null(moved.get());
  moved = std::move(same);
  assert_non_null(moved.get());
  boucle::future_ptr shared = boucle::future_ptr::share(moved);
  future_unref(moved.release());
  assert_false(future_done(shared));
}

void put_gives_up_what_it_had(void **) {
  loop_ptr loop = make_loop();
  boucle::queue_ptr queue;
  for (int i = 0; i < 3; i++) boucle::check(queue_new(loop, 0, queue.put()));
  assert_true(queue_empty(queue));
}

// ---- failures ----

void failing_call_throws_its_status(void **) {
  loop_ptr loop = make_loop();
  auto alive = std::make_shared<int>(1);
  boucle::check(loop_close(loop));
  assert_text("LOOP_ECLOSED: RuntimeError: Event loop is closed",
              failure_of([&] { boucle::call_soon(loop, [alive] {}); }));
  assert_text("LOOP_ECLOSED: RuntimeError: Event loop is closed",
              failure_of([&] { boucle::create_task(loop, [alive] {}); }));
  assert_int_equal(1, alive.use_count());
  assert_text("EINVAL: ValueError: Invalid argument", failure_of([] { boucle::check(loop_stop(nullptr)); }));
  assert_text("nothing", failure_of([] { boucle::check(0); }));
}

template <class F>
void assert_caught(const char *kind, const char *message, F &&f) {
  try {
    f();
  } catch (...) {
    assert_exception(kind, message, boucle::caught().release());
    return;
  }
  fail_msg("nothing was thrown");
}

void caught_exception_has_a_fitting_kind(void **) {
  assert_caught("RuntimeError", "r", [] { throw std::runtime_error("r"); });
  assert_caught("ValueError", "v", [] { throw std::invalid_argument("v"); });
  assert_caught("IndexError", "i", [] { throw std::out_of_range("i"); });
  assert_caught("MemoryError", nullptr, [] { throw std::bad_alloc(); });
  assert_caught("OSError", "Bad file descriptor", [] { throw std::system_error(EBADF, std::generic_category()); });
  assert_caught("RuntimeError", "something was thrown that is no std::exception", [] { throw 5; });
  assert_caught("QueueEmpty", nullptr, [] { boucle::check(LOOP_EQUEUEEMPTY); });
  assert_caught("RuntimeError", "not a status", [] { throw boucle::error(5); });
}

void error_carries_the_very_exception(void **) {
  auto exception = boucle::exception_ptr::adopt(new_exception("KeyError", "k"));
  try {
    throw boucle::error(LOOP_EEXCEPTION, exception);
  } catch (const boucle::error &e) {
    assert_ptr_equal(exception.get(), e.why());
    assert_true(e.matches("KeyError") && !e.matches("ValueError"));
    assert_string_equal("KeyError: k", e.what());
    assert_ptr_equal(exception.get(), boucle::caught().get());
  }
}

// ---- callbacks ----

void lambdas_are_called_and_end_once(void **) {
  loop_ptr loop = make_loop();
  auto words = std::make_shared<std::vector<std::string>>();
  auto later = boucle::call_later(loop, 2, [words] { words->push_back("later"); });
  auto never = boucle::call_at(loop, 1, [words] { words->push_back("never"); });
  boucle::call_soon(loop, [words, own = std::make_unique<int>(5)] { words->push_back(std::to_string(*own)); });
  boucle::check(handle_cancel(never));
  assert_int_equal(3, words.use_count());
  run_dry(loop);
  assert_int_equal(1, words.use_count());
  assert_true(*words == std::vector<std::string>({"5", "later"}));
}

void exception_in_a_callback_is_raised(void **) {
  loop_ptr loop = make_loop();
  trace reports = {};
  collect_reports(loop, &reports);
  boucle::call_soon(loop, [] { throw std::invalid_argument("boom"); });
  boucle::call_soon(loop, [] { throw 5; });
  run_dry(loop);
  assert_trace("[Exception in callback: ValueError: boom] "
               "[Exception in callback: RuntimeError: something was thrown that is no std::exception]", &reports);
}

void done_callback_hears_of_the_future(void **) {
  loop_ptr loop = make_loop();
  auto future = boucle::future_ptr::adopt(new_future(loop));
  trace reports = {};
  int64_t seen = 0;
  collect_reports(loop, &reports);
  boucle::add_done_callback(future, [&](future_t *done) { seen = to_int(boucle::result(done)); });
  boucle::add_done_callback(future, [](future_t *) { throw std::runtime_error("boom"); });
  boucle::check(future_set_result(future, boucle::to_value(7)));
  run_dry(loop);
  assert_int_equal(7, seen);
  assert_trace("[Exception in callback: RuntimeError: boom]", &reports);
}

void exception_handler_is_a_lambda(void **) {
  loop_ptr loop = make_loop();
  std::string said;
  boucle::set_exception_handler(loop, [&](const report_t *report) { said = report_message(report); });
  boucle::check(loop_call_exception_handler(loop, "hear this", nullptr, nullptr));
  assert_text("hear this", said);
}

void reader_writer_and_signal_handler_are_lambdas(void **) {
  auto loop = loop_ptr::adopt(new_loop());
  int ends[2], heard = 0;
  assert_int_equal(0, pipe(ends));
  boucle::add_writer(loop, ends[1], [&] {
    assert_int_equal(1, write(ends[1], "x", 1));
    loop_remove_writer(loop, ends[1], nullptr);
    raise(SIGUSR1);
  });
  boucle::add_reader(loop, ends[0], [&] { loop_remove_reader(loop, ends[0], nullptr), heard++; });
  boucle::add_signal_handler(loop, SIGUSR1, [&] { loop_remove_signal_handler(loop, SIGUSR1, nullptr), heard++; });
  while (heard < 2) boucle::check(loop_run_once(loop, 1));
  close(ends[0]), close(ends[1]);
}

void other_threads_post_lambdas(void **) {
  auto loop = loop_ptr::adopt(new_loop());
  int calls = 0;
  std::thread poster([&] {
    for (int i = 0; i < 100; i++) {
      boucle::call_soon_threadsafe(loop, [&, last = i == 99] {
        calls++;
        if (last) loop_stop(loop);
      });
    }
  });
  boucle::check(loop_run_forever(loop));
  poster.join();
  assert_int_equal(100, calls);
}

void worker_runs_a_lambda(void **) {
  auto loop = loop_ptr::adopt(new_loop());
  auto sum = boucle::run_in_executor(loop, [] { return 2 + 3; });
  auto fails = boucle::run_in_executor(loop, [] { throw std::out_of_range("far"); });
  assert_int_equal(5, to_int(boucle::run_until_complete(loop, sum)));
  assert_text("LOOP_EEXCEPTION: IndexError: far", failure_of([&] { boucle::run_until_complete(loop, fails); }));
}

// ---- steps ----

void steps_are_lambdas(void **) {
  loop_ptr loop = make_loop();
  auto future = boucle::future_ptr::adopt(new_future(loop));
  boucle::call_later(loop, 1, [&] { boucle::check(future_set_result(future, boucle::to_value(4))); });
  auto task = boucle::ensure_future(loop, [&](boucle::step &self) {
    self.await(future, [&](boucle::step &then) {
      int64_t got = to_int(then.awaited());
      then.sleep(2, [got](boucle::step &last) { boucle::check(task_return(last, boucle::to_value(got + 1))); });
    });
  });
  assert_int_equal(5, to_int(boucle::run_until_complete(loop, task)));
  assert_true(loop_time(loop) == 3);
}

void step_awaits_a_coroutine_and_may_catch(void **) {
  loop_ptr loop = make_loop();
  boucle::queue_ptr queue;
  boucle::check(queue_new(loop, 0, queue.put()));
  boucle::check(queue_shutdown(queue, 0));
  std::string caught;
  auto task = boucle::ensure_future(loop, [&](boucle::step &self) {
    boucle::coroutine_ptr get;
    boucle::check(queue_get(queue, get.put()));
    self.await_catch(std::move(get), [&](boucle::step &then) { caught = failure_of([&] { then.awaited(); }); });
  });
  assert_true(!boucle::run_until_complete(loop, task));
  assert_text("LOOP_EEXCEPTION: QueueShutDown", caught);
}

void exception_in_a_step_is_raised(void **) {
  loop_ptr loop = make_loop();
  auto first = boucle::ensure_future(loop, [](boucle::step &) { throw std::runtime_error("boom"); });
  auto second = boucle::ensure_future(
      loop, [](boucle::step &self) { self.sleep(1, [](boucle::step &) { boucle::check(LOOP_ECANCELLED); }); });
  assert_text("LOOP_EEXCEPTION: RuntimeError: boom", failure_of([&] { boucle::run_until_complete(loop, first); }));
  assert_text("LOOP_ECANCELLED: CancelledError", failure_of([&] { boucle::run_until_complete(loop, second); }));
  assert_true(task_cancelled(second));
}

void step_that_said_something_loses_no_exception(void **) {
  loop_ptr loop = make_loop();
  trace reports = {};
  collect_reports(loop, &reports);
  auto task = boucle::ensure_future(loop, [](boucle::step &self) {
    self.sleep(1, [](boucle::step &last) { boucle::check(task_return(last, boucle::to_value(1))); });
    self.sleep(1, [](boucle::step &) {});
  });
  assert_int_equal(1, to_int(boucle::run_until_complete(loop, task)));
  assert_trace("[an exception in a step was lost: RuntimeError: cannot reuse already awaited coroutine]", &reports);
}

void dropped_task_ends_its_lambdas(void **) {
  auto alive = std::make_shared<int>(1);
  {
    loop_ptr loop = make_loop();
    trace reports = {};
    collect_reports(loop, &reports);
    auto future = boucle::future_ptr::adopt(new_future(loop));
    boucle::ensure_future(loop, [&, alive](boucle::step &self) { self.await(future, [alive](boucle::step &) {}); });
    turn(loop);
    assert_int_equal(2, alive.use_count());  // the first step is over
    future = nullptr;
    assert_trace("[Task was destroyed but it is pending!]", &reports);
  }
  assert_int_equal(1, alive.use_count());
}

// ---- bodies ----

void body_returns_a_value_of_any_kind(void **) {
  loop_ptr loop = make_loop();
  auto run = [&](auto f) { return boucle::run_until_complete(loop, boucle::create_task(loop, f)); };
  assert_int_equal(7, to_int(run([] { return 7; })));
  assert_int_equal(VALUE_DOUBLE, value_kind(run([] { return 1.5; })));
  assert_int_equal(VALUE_BOOL, value_kind(run([] { return true; })));
  assert_int_equal(VALUE_TEXT, value_kind(run([] { return std::string("text"); })));
  assert_int_equal(VALUE_TEXT, value_kind(run([] { return "text"; })));
  assert_true(!run([] { return nullptr; }));
  assert_true(!run([] {}));
}

void body_awaits_and_throws(void **) {
  loop_ptr loop = make_loop();
  auto inner = boucle::create_task(loop, []() -> int { throw std::domain_error("deep"); });
  auto outer = boucle::create_task(loop, [&] { return boucle::await(inner); });
  assert_text("LOOP_EEXCEPTION: ValueError: deep", failure_of([&] { boucle::run_until_complete(loop, outer); }));
  boucle::exception_ptr thrown, passed;
  boucle::check(task_exception(inner, thrown.put()));
  boucle::check(task_exception(outer, passed.put()));
  assert_ptr_equal(thrown.get(), passed.get());
}

void cancelled_body_is_unwound(void **) {
  loop_ptr loop = make_loop();
  auto alive = std::make_shared<int>(1);
  auto task = boucle::create_task(loop, [alive] {
    auto mine = alive;
    boucle::awaited(await_sleep(60));
  });
  turn(loop);
  assert_int_equal(3, alive.use_count());
  boucle::check(task_cancel(task, "enough", nullptr));
  assert_text("LOOP_ECANCELLED: CancelledError: enough", failure_of([&] { boucle::run_until_complete(loop, task); }));
  assert_true(task_cancelled(task));
  assert_int_equal(1, alive.use_count());
}

// What a body tells of itself, that waits in a handler, while another one does.
std::string wait_in_a_handler(const char *name, double seconds) {
  try {
    throw std::runtime_error(name);
  } catch (const std::exception &) {
    boucle::awaited(await_sleep(seconds));
    try {
      throw;
    } catch (const std::exception &again) {
      boucle::awaited(await_sleep(seconds));
      return again.what();
    }
  }
}

void bodies_wait_in_their_handlers(void **) {
  loop_ptr loop = make_loop();
  auto run = [&](double one, double two) {
    auto first = boucle::create_task(loop, [=] { return wait_in_a_handler("one", one) == "one"; });
    auto second = boucle::create_task(loop, [=] { return wait_in_a_handler("two", two) == "two"; });
    int both = 0, one_is_right = 0;
    boucle::check(value_get_bool(boucle::run_until_complete(loop, first), &one_is_right));
    boucle::check(value_get_bool(boucle::run_until_complete(loop, second), &both));
    return one_is_right && both;
  };
  assert_true(run(1, 2));
  assert_true(run(2, 1));
  try {
    throw 5;  // the loop too is run in a handler
  } catch (int) {
    assert_true(run(1, 2) && run(2, 1));
    try {
      throw;
    } catch (int five) {
      assert_int_equal(5, five);
    }
  }
}

void bodies_use_locks_groups_and_stack_sizes(void **) {
  loop_ptr loop = make_loop();
  boucle::task_options_ptr options;
  boucle::check(task_options_new(options.put()));
  boucle::check(task_options_set_stack_size(options, 1024 * 1024));
  auto main = boucle::create_task(loop, [&] {
    boucle::lock_ptr lock;
    boucle::task_group_ptr group;
    boucle::coroutine_ptr exit;
    int sum = 0;
    boucle::check(lock_new(loop, lock.put()));
    boucle::check(task_group_new(loop, group.put()));
    boucle::check(task_group_enter(group));
    for (int i = 1; i <= 3; i++) {
      boucle::create_task(group, [&, i] {
        boucle::awaited(await_lock_acquire(lock));
        boucle::awaited(await_sleep(1));
        sum += i;
        boucle::check(lock_release(lock));
      });
    }
    boucle::check(task_group_exit(group, nullptr, exit.put()));
    boucle::await(std::move(exit));
    return sum;
  }, options);
  assert_int_equal(6, to_int(boucle::run_until_complete(loop, main)));
  assert_true(loop_time(loop) == 3);
}

void run_is_asyncio_run(void **) {
  assert_int_equal(3, to_int(boucle::run([] {
    auto child = boucle::create_task(loop_get_running(), [] { return 1; });
    return to_int(boucle::await(child)) + 2;
  })));
  assert_text("LOOP_EEXCEPTION: ValueError: no", failure_of([] { boucle::run([] { throw std::logic_error("no"); }); }));
  assert_text("LOOP_EEXCEPTION: TimeoutError", failure_of([] {
    boucle::run([] {
      boucle::future_ptr never;
      boucle::check(loop_create_future(loop_get_running(), never.put()));
      boucle::awaited(await_wait_for(never, 0.001, nullptr));
    });
  }));
}

}  // namespace

int main() {
  const CMUnitTest tests[] = {
      TEST(owner_counts_references),
      TEST(put_gives_up_what_it_had),
      TEST(caught_exception_has_a_fitting_kind),
      TEST(error_carries_the_very_exception),
      TEST(lambdas_are_called_and_end_once),
      TEST(exception_in_a_callback_is_raised),
      TEST(done_callback_hears_of_the_future),
      TEST(exception_handler_is_a_lambda),
      TEST(reader_writer_and_signal_handler_are_lambdas),
      TEST(other_threads_post_lambdas),
      TEST(worker_runs_a_lambda),
      TEST(steps_are_lambdas),
      TEST(step_awaits_a_coroutine_and_may_catch),
      TEST(exception_in_a_step_is_raised),
      TEST(step_that_said_something_loses_no_exception),
      TEST(dropped_task_ends_its_lambdas),
      // From here on with stacks.
      TEST(failing_call_throws_its_status),
      TEST(body_returns_a_value_of_any_kind),
      TEST(body_awaits_and_throws),
      TEST(cancelled_body_is_unwound),
      TEST(bodies_wait_in_their_handlers),
      TEST(bodies_use_locks_groups_and_stack_sizes),
      TEST(run_is_asyncio_run),
  };
  exception_t *none;
  constexpr size_t kWithStacks = 7;
  size_t left_out = await_exception(&none) == LOOP_ENOTSUPPORTED ? kWithStacks : 0;
  return _cmocka_run_group_tests("cpp", tests, COUNT(tests) - left_out, nullptr, nullptr);
}
