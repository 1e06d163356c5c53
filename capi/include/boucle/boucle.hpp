/* Boucle for C++17 and later: handles that own, lambdas as callbacks, exceptions for failures. It is a layer over the C
 * API, whose functions take its handles. docs/cpp.md shows how to use it.
 *
 *  1. x_ptr owns one reference to an x_t. To copy it calls x_ref, to destroy it x_unref. It converts to an x_t * that it
 *     lends, so it can be passed to every C function. Pass put() as a `ret_...` parameter.
 *  2. A function that fails throws boucle::error, which has the status and the exception. check(status) does the same for
 *     the status of a C function.
 *  3. The loop owns a lambda, as userdata, and destroys it. An exception that a callback throws is passed to loop_raise;
 *     one that a task throws, to task_raise or await_raise. caught() says which exception becomes which kind.
 *  4. A function may be called on the threads on which the C function of that name may.
 *  5. A body of create_task that is destroyed while it waits is not unwound: no destructor on its stack runs. Cancel it
 *     instead. A body may wait while it handles an exception. */
#ifndef BOUCLE_BOUCLE_HPP
#define BOUCLE_BOUCLE_HPP

#include <boucle/boucle.h>

#include <boucle/owner.hpp>
#include <cerrno>
#include <memory>
#include <type_traits>
#include <utility>

namespace boucle {
inline namespace cxx {

/* ---- callbacks ---- */

namespace detail {
/* Returns a copy of a lambda that was given as F &&, as userdata. */
template <class F>
void *keep(std::remove_reference_t<F> &f) {
  return new std::decay_t<F>(std::forward<F>(f));
}
template <class F>
std::decay_t<F> &kept(void *f) noexcept {
  return *static_cast<std::decay_t<F> *>(f);
}
template <class F>
void destroy(void *f) noexcept {
  delete &kept<F>(f);
}
/* Reports an exception that can no longer be raised. */
inline void report(loop_t *loop, const char *message, exception_t *exception) noexcept {
  loop_call_exception_handler(loop, message, exception, nullptr);
}
/* Raises, in a catch block of a callback, what was caught. */
inline void raise(loop_t *loop) noexcept {
  exception_ptr exception = caught();
  if (loop_raise(loop, exception)) report(loop, "an exception in a callback was lost", exception);
}
template <class F>
void call(loop_t *loop, void *f) noexcept {
  try {
    kept<F>(f)();
  } catch (...) {
    raise(loop);
  }
}
template <class F>
void call_done(future_t *future, void *f) noexcept {
  try {
    kept<F>(f)(future);
  } catch (...) {
    raise(future_get_loop(future));
  }
}
template <class F>
void call_handler(loop_t *loop, const report_t *report, void *f) noexcept {
  try {
    kept<F>(f)(report);
  } catch (...) {
    loop_default_exception_handler(loop, report);
  }
}
/* Calls f, and writes what it returns as a value. Throws what f throws. */
template <class F>
void result_of(F &f, value_t **ret_value) {
  if constexpr (std::is_void_v<decltype(f())>) {
    f();
  } else {
    *ret_value = to_value(f()).release();
  }
}
}  // namespace detail

template <class F>
void call_soon(loop_t *loop, F &&f) {
  check(loop_call_soon(loop, detail::call<F>, detail::keep<F>(f), detail::destroy<F>, nullptr));
}
template <class F>
void call_soon_threadsafe(loop_t *loop, F &&f) {
  check(loop_call_soon_threadsafe(loop, detail::call<F>, detail::keep<F>(f), detail::destroy<F>, nullptr));
}
template <class F>
handle_ptr call_later(loop_t *loop, double delay, F &&f) {
  handle_ptr made;
  check(loop_call_later(loop, delay, detail::call<F>, detail::keep<F>(f), detail::destroy<F>, made.put()));
  return made;
}
template <class F>
handle_ptr call_at(loop_t *loop, double when, F &&f) {
  handle_ptr made;
  check(loop_call_at(loop, when, detail::call<F>, detail::keep<F>(f), detail::destroy<F>, made.put()));
  return made;
}
template <class F>
void add_reader(loop_t *loop, int fd, F &&f) {
  check(loop_add_reader(loop, fd, detail::call<F>, detail::keep<F>(f), detail::destroy<F>));
}
template <class F>
void add_writer(loop_t *loop, int fd, F &&f) {
  check(loop_add_writer(loop, fd, detail::call<F>, detail::keep<F>(f), detail::destroy<F>));
}
template <class F>
void add_signal_handler(loop_t *loop, int signal, F &&f) {
  check(loop_add_signal_handler(loop, signal, detail::call<F>, detail::keep<F>(f), detail::destroy<F>));
}
/* Calls f(future). */
template <class F>
void add_done_callback(future_t *future, F &&f) {
  check(future_add_done_callback(future, detail::call_done<F>, detail::keep<F>(f), detail::destroy<F>));
}
/* Calls f(report). If it throws, the report is printed. */
template <class F>
void set_exception_handler(loop_t *loop, F &&f) {
  check(loop_set_exception_handler(loop, detail::call_handler<F>, detail::keep<F>(f), detail::destroy<F>));
}
/* Calls f on a worker thread. The future gets what f returns or throws. */
template <class F>
future_ptr run_in_executor(loop_t *loop, F &&f) {
  executor_fn work = [](void *g, value_t **ret_value) noexcept -> int {
    try {
      detail::result_of(detail::kept<F>(g), ret_value);
      return 0;
    } catch (...) {
      exception_ptr exception = caught();
      return exception && value_new_exception(exception, ret_value) == 0 ? LOOP_EEXCEPTION : -ENOMEM;
    }
  };
  future_ptr made;
  check(loop_run_in_executor(loop, work, detail::keep<F>(f), detail::destroy<F>, made.put()));
  return made;
}

/* ---- tasks of steps ---- */

/* The argument of each step of ensure_future, as step &. A step calls await or sleep, or task_return or task_raise, to
 * which the argument converts; at most one of them, once. A step that calls none returns nil; one that throws raises. */
class step {
 public:
  template <class F>
  explicit step(F &&first) : next_(std::make_unique<state_of<std::decay_t<F>>>(std::forward<F>(first))) {}
  step(const step &) = delete;
  step &operator=(const step &) = delete;
  operator task_t *() const noexcept { return task_; }

  /* Calls next(step &) when the future has a result. If it failed, the task ends in the same way. */
  template <class F>
  void await(future_t *future, F &&next) {
    say(std::forward<F>(next), [&] { return task_await(task_, future, run); });
  }
  template <class F>
  void await(coroutine_ptr coroutine, F &&next) {
    say(std::forward<F>(next), [&] { return task_await_take(task_, coroutine.release(), run); });
  }
  template <class F>
  void sleep(double seconds, F &&next) {
    say(std::forward<F>(next), [&] { return task_sleep(task_, seconds, run); });
  }
  /* Does the same, but calls next also if it failed: then awaited() throws. */
  template <class F>
  void await_catch(future_t *future, F &&next) {
    say(std::forward<F>(next), [&] { return task_await_catch(task_, future, run); });
  }
  template <class F>
  void await_catch(coroutine_ptr coroutine, F &&next) {
    say(std::forward<F>(next), [&] { return task_await_take_catch(task_, coroutine.release(), run); });
  }
  /* Returns the result of what was awaited last. */
  value_ptr awaited() const {
    value_ptr value;
    exception_ptr why;
    int status = task_awaited(task_, value.put());
    if (status == LOOP_EEXCEPTION || status == LOOP_ECANCELLED) task_awaited_exception(task_, why.put());
    if (status < 0) throw error(status, why);
    return value;
  }
  /* The step function of the C API, for a task whose userdata is a step. */
  static void run(task_t *task, void *userdata) noexcept {
    step &self = *static_cast<step *>(userdata);
    std::unique_ptr<state> now = std::move(self.next_);
    self.task_ = task;
    try {
      now->enter(self);
    } catch (...) {
      exception_ptr exception = caught();
      int status = task_raise(task, exception);
      if (status) detail::report(task_get_loop(task), "an exception in a step was lost", exception);
    }
  }

 private:
  struct state {
    virtual ~state() = default;
    virtual void enter(step &self) = 0;
  };
  template <class F>
  struct state_of final : state {
    explicit state_of(F f) : f_(std::move(f)) {}
    void enter(step &self) override { f_(self); }
    F f_;
  };
  template <class F, class Call>
  void say(F &&next, Call &&call) {
    auto made = std::make_unique<state_of<std::decay_t<F>>>(std::forward<F>(next));
    check(call());
    next_ = std::move(made);
  }
  std::unique_ptr<state> next_;
  task_t *task_ = nullptr;
};

/* Makes a task whose first step is f(step &). */
template <class F>
task_ptr ensure_future(loop_t *loop, F &&f) {
  task_ptr made;
  check(loop_ensure_future(loop, step::run, new step(std::forward<F>(f)), detail::destroy<step>, made.put()));
  return made;
}

/* ---- tasks with a stack of their own: f() is the body, and what it returns is the result ---- */

namespace detail {
template <class F>
int body(void *f, value_t **ret_value) noexcept {
  try {
    result_of(kept<F>(f), ret_value);
    return 0;
  } catch (...) {
    exception_ptr exception = caught();
    return exception ? await_raise(exception) : -ENOMEM;
  }
}
}  // namespace detail

template <class F>
task_ptr create_task(loop_t *loop, F &&f, const task_options_t *options = nullptr) {
  task_ptr made;
  check(loop_create_task_with(loop, options, detail::body<F>, detail::keep<F>(f), detail::destroy<F>, made.put()));
  return made;
}
template <class F>
task_ptr create_task(task_group_t *group, F &&f) {
  task_ptr made;
  check(task_group_create_task(group, detail::body<F>, detail::keep<F>(f), detail::destroy<F>, made.put()));
  return made;
}

inline value_ptr await(future_t *future) {
  value_ptr value;
  awaited(await_future(future, value.put()));
  return value;
}
inline value_ptr await(task_t *task) { return await(task_as_future(task)); }
inline value_ptr await(coroutine_ptr coroutine) {
  value_ptr value;
  awaited(await_take(coroutine.release(), value.put()));
  return value;
}

/* ---- running ---- */

/* Returns the result of a future that is done. */
inline value_ptr result(future_t *future) {
  value_ptr value;
  exception_ptr why;
  int status = future_result(future, value.put());
  if (status == LOOP_EEXCEPTION) future_exception(future, why.put());
  if (status == LOOP_ECANCELLED) future_cancelled_error(future, why.put());
  if (status < 0) throw error(status, why);
  return value;
}

inline value_ptr run_until_complete(loop_t *loop, future_t *future) {
  value_ptr value;
  exception_ptr why;
  int status = loop_run_until_complete(loop, future, value.put());
  if (status == LOOP_EEXCEPTION || status == LOOP_ECANCELLED) return result(future);
  if (status == LOOP_EEXIT) loop_take_exit(loop, why.put());
  if (status < 0) throw error(status, why);
  return value;
}
inline value_ptr run_until_complete(loop_t *loop, task_t *task) {
  return run_until_complete(loop, task_as_future(task));
}

/* Runs f as a body in a new loop, as asyncio.run() does. */
template <class F>
value_ptr run(F &&f, const loop_options_t *options = nullptr) {
  auto first = [body = std::decay_t<F>(std::forward<F>(f))](step &self) mutable {
    task_ptr main = create_task(task_get_loop(self), std::move(body));
    self.await(task_as_future(main), [](step &last) { check(task_return(last, last.awaited())); });
  };
  value_ptr value;
  exception_ptr why;
  int status = loop_run(options, step::run, new step(std::move(first)), detail::destroy<step>, value.put(), why.put());
  if (status < 0) throw error(status, why);
  return value;
}

}  // namespace cxx
}  // namespace boucle

#endif
