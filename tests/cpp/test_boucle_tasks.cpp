// boucle/boucle.hpp: tasks, of steps and of bodies.
#include "support.hpp"



namespace {

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

void step_that_throws_after_its_choice_loses_no_exception(void **) {
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
    assert_int_equal(2, alive.use_count());  // the lambda of the first step is destroyed
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

// A body that waits inside two nested handlers. Returns the text of the exception that it then handles.
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
    throw 5;  // the loop is run in a handler, too
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

// ---- a loop that is closed ----

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

}  // namespace

int main() {
  const CMUnitTest tests[] = {
      TEST(steps_are_lambdas),
      TEST(step_awaits_a_coroutine_and_may_catch),
      TEST(exception_in_a_step_is_raised),
      TEST(step_that_throws_after_its_choice_loses_no_exception),
      TEST(dropped_task_ends_its_lambdas),
      // These need stacks.
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
  return _cmocka_run_group_tests("cpp_tasks", tests, COUNT(tests) - left_out, nullptr, nullptr);
}
