// The boundary: the only casts between handles and objects. Every adapter function checks its arguments, takes what it
// owns, and calls one function of core.
#pragma once

#include <boucle/boucle.h>

#include <algorithm>
#include <cmath>
#include <cstring>
#include <limits>
#include <new>

#include "async/as_completed.hpp"
#include "async/concurrent.hpp"
#include "async/coroutine.hpp"
#include "async/executor_future.hpp"
#include "async/fiber.hpp"
#include "async/future.hpp"
#include "async/host.hpp"
#include "async/queue.hpp"
#include "async/run.hpp"
#include "async/sync.hpp"
#include "async/task.hpp"
#include "async/task_group.hpp"
#include "async/timeout.hpp"
#include "async/wait.hpp"
#include "base/allocation.hpp"
#include "net/socket.hpp"

namespace boucle {

// unwrap(handle) returns the object, wrap(object) the handle.
#define BOUCLE_HANDLE(Handle, Class)                                                          \
  inline Class *unwrap(Handle *handle) noexcept { return reinterpret_cast<Class *>(handle); } \
  inline Class *unwrap(const Handle *handle) noexcept {                                       \
    return reinterpret_cast<Class *>(const_cast<Handle *>(handle));                           \
  }                                                                                           \
  inline Handle *wrap(const Class *object) noexcept { return reinterpret_cast<Handle *>(const_cast<Class *>(object)); }

BOUCLE_HANDLE(loop_t, Loop)
BOUCLE_HANDLE(loop_options_t, LoopOptions)
BOUCLE_HANDLE(handle_t, Handle)
BOUCLE_HANDLE(future_t, Future)
BOUCLE_HANDLE(task_t, Task)
BOUCLE_HANDLE(coroutine_t, Coroutine)
BOUCLE_HANDLE(task_options_t, TaskOptions)
BOUCLE_HANDLE(value_t, Value)
BOUCLE_HANDLE(exception_t, Exception)
BOUCLE_HANDLE(report_t, Report)
BOUCLE_HANDLE(timeout_t, Timeout)
BOUCLE_HANDLE(task_group_t, TaskGroup)
BOUCLE_HANDLE(completion_t, Completion)
BOUCLE_HANDLE(lock_t, Lock)
BOUCLE_HANDLE(event_t, Event)
BOUCLE_HANDLE(condition_t, Condition)
BOUCLE_HANDLE(semaphore_t, Semaphore)
BOUCLE_HANDLE(barrier_t, Barrier)
BOUCLE_HANDLE(queue_t, Queue)
BOUCLE_HANDLE(concurrent_t, Concurrent)
BOUCLE_HANDLE(host_t, Host)
BOUCLE_HANDLE(context_t, Context)
BOUCLE_HANDLE(context_var_t, ContextVar)
#undef BOUCLE_HANDLE

// The same for an array of handles.
inline Future *const *unwrap(future_t *const *handles) noexcept { return reinterpret_cast<Future *const *>(handles); }
inline Value *const *unwrap(value_t *const *handles) noexcept { return reinterpret_cast<Value *const *>(handles); }

// Casts a user's function to the type that it has in core: the same, with objects in place of handles.
template <class To, class From>
To function_cast(From fn) noexcept {
  return reinterpret_cast<To>(reinterpret_cast<void (*)()>(fn));
}

// What a user asked the loop to call.
inline Callback callback(loop_callback_fn fn, void *userdata, destroy_fn destroy) noexcept {
  return {function_cast<LoopFn>(fn), Userdata(userdata, destroy), nullptr};
}

// Returns what f returns, a Status; NO_MEMORY if it throws bad_alloc.
template <class F>
int guard(F &&f) noexcept {
  return allocate_or<Status>(status::NO_MEMORY, f);
}

template <class T>
auto ref(T *handle) noexcept {
  if (handle) SharedCount::ref(unwrap(handle));
  return handle;
}
template <class T>
void unref(T *handle) noexcept {
  if (handle) SharedCount::unref(unwrap(handle));
}

// Gives the reference to the user, through `ret`. Returns 0; or NO_MEMORY if there is none.
template <class Handle, class T>
int give(Ref<T> ref, Handle **ret) noexcept {
  if (!ref) return status::NO_MEMORY;
  *ret = wrap(ref.take());
  return 0;
}
// The same for a new task, with its first reference; ret may be NULL.
inline int give_task(Task *made, task_t **ret) noexcept {
  auto task = Ref<Task>::adopt(made);
  if (!task) return status::NO_MEMORY;
  if (ret) *ret = wrap(task.take());
  return 0;
}
// The same for a value, for which nullptr is nil; ret may be NULL.
inline int give_value(Ref<Value> value, value_t **ret) noexcept {
  if (ret) *ret = wrap(value.take());
  return 0;
}
// The same for the coroutine of an Async.
inline int give(Async op, coroutine_t **ret) noexcept {
  Local<Coroutine> coroutine = std::move(op).take();
  if (!coroutine) return status::NO_MEMORY;
  coroutine->ref();
  *ret = wrap(coroutine.get());
  return 0;
}
// Returns the number that the caller passed for an enum of the headers. Reading it as the enum would be undefined
// behaviour if it is none of the enum's values.
template <class Enum>
int number_of(const Enum &given) noexcept {
  int number;
  static_assert(sizeof number == sizeof given);
  std::memcpy(&number, &given, sizeof number);
  return number;
}
// Returns 0, or why the handle cannot be used here: INVALID for NULL, or the result of Loop::check_thread().
inline Status check(const loop_t *loop) noexcept { return loop ? unwrap(loop)->check_thread() : status::INVALID; }
template <class Handle>
Status check(const Handle *handle) noexcept {
  return handle ? unwrap(handle)->loop().check_thread() : status::INVALID;
}
// The same, for what needs an open loop.
inline Status check_open(const loop_t *loop) noexcept { return loop ? unwrap(loop)->check_open() : status::INVALID; }
template <class Handle>
Status check_open(const Handle *handle) noexcept {
  return handle ? unwrap(handle)->loop().check_open() : status::INVALID;
}

// ---- time: seconds outside, nanoseconds inside ----
inline constexpr int64_t kFarthest = TimerQueue::kFarthest;
// INVALID for NaN. A time that is too far away counts as infinite.
inline Status to_ns(double seconds, int64_t &ret_ns) noexcept {
  double ns = seconds * 1e9;
  if (std::abs(ns) < 9.2e18) [[likely]] {
    ret_ns = static_cast<int64_t>(ns + std::copysign(0.5, ns));  // llround is a call
    return 0;
  }
  if (std::isnan(ns)) return status::INVALID;
  ret_ns = ns > 0 ? kFarthest : -kFarthest;
  return 0;
}
inline double to_seconds(int64_t ns) noexcept {
  return ns < kFarthest ? static_cast<double>(ns) / 1e9 : std::numeric_limits<double>::infinity();
}

// Makes a loop with the options; with the default ones for NULL.
inline Status make_loop(const loop_options_t *options, Loop *&ret_loop) noexcept {
  const LoopOptions defaults;
  const LoopOptions *chosen = options ? unwrap(options) : &defaults;
  return Loop::make(*chosen, ret_loop);
}

#ifdef BOUCLE_COROUTINES
// Awaits the coroutine in the calling body; ret_value may be NULL. Nothing on the body's stack may own anything while
// it waits: if the task is destroyed then, its stack is freed and nothing is unwound.
inline int await_in(Fiber &fiber, Local<Coroutine> &&coroutine, value_t **ret_value) noexcept {
  Ref<Value> value;
  if (Status s = fiber.await(std::move(coroutine), value)) return s;
  return give_value(std::move(value), ret_value);
}
#endif
// The same for the Async that f(loop, object) returns.
template <class Handle, class F>
int await_async([[maybe_unused]] Handle *handle, [[maybe_unused]] value_t **ret_value,
                [[maybe_unused]] F &&f) noexcept {
#ifdef BOUCLE_COROUTINES
  if (!handle) return status::INVALID;
  Fiber *fiber = Fiber::current();
  if (!fiber) return status::NOTASK;
  auto *object = unwrap(handle);
  if (&object->loop() != &fiber->loop()) return status::WRONGLOOP;
  Local<Coroutine> coroutine = f(object->loop(), Local(object)).take();
  if (!coroutine) return status::NO_MEMORY;
  return await_in(*fiber, std::move(coroutine), ret_value);
#else
  return status::NOTSUPPORTED;
#endif
}

}  // namespace boucle

using namespace boucle;  // NOLINT: the adapters are nothing but boundary
