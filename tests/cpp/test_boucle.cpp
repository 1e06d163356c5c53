// boucle/boucle.hpp: owners, failures, callbacks. Tasks are in test_boucle_tasks.cpp.
#include "support.hpp"

#include <signal.h>
#include <unistd.h>

#include <thread>

namespace {

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
  assert_caught("OSError", "[Errno 9] Bad file descriptor",
                [] { throw std::system_error(EBADF, std::generic_category()); });
  assert_caught("FileNotFoundError", "[Errno 2] No such file or directory",
                [] { throw std::system_error(ENOENT, std::system_category()); });
  assert_caught("RuntimeError", "what was thrown is not a std::exception", [] { throw 5; });
  assert_caught("QueueEmpty", nullptr, [] { boucle::check(LOOP_EQUEUEEMPTY); });
  assert_caught("RuntimeError", "not a status", [] { throw boucle::error(5); });
}

void error_carries_the_same_exception(void **) {
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
               "[Exception in callback: RuntimeError: what was thrown is not a std::exception]", &reports);
}

void done_callback_gets_the_future(void **) {
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

}  // namespace

int main() {
  const CMUnitTest tests[] = {
      TEST(owner_counts_references),
      TEST(put_gives_up_what_it_had),
      TEST(caught_exception_has_a_fitting_kind),
      TEST(error_carries_the_same_exception),
      TEST(lambdas_are_called_and_end_once),
      TEST(exception_in_a_callback_is_raised),
      TEST(done_callback_gets_the_future),
      TEST(exception_handler_is_a_lambda),
      TEST(reader_writer_and_signal_handler_are_lambdas),
      TEST(other_threads_post_lambdas),
      TEST(worker_runs_a_lambda),
  };
  return _cmocka_run_group_tests("cpp", tests, COUNT(tests), nullptr, nullptr);
}
