// The boundary: the only casts between handles and objects, and the only catch. Every adapter function checks its
// arguments, takes what it owns, and calls one thing in core.
#pragma once

#include <boucle/boucle.h>

#include <algorithm>
#include <cmath>
#include <cstring>
#include <limits>
#include <new>

#include "async/concurrent.hpp"
#include "async/coroutine.hpp"
#include "async/fiber.hpp"
#include "async/future.hpp"
#include "async/host.hpp"
#include "async/offload.hpp"
#include "async/queue.hpp"
#include "async/run.hpp"
#include "async/sync.hpp"
#include "async/task.hpp"
#include "async/task_group.hpp"
#include "async/timeout.hpp"
#include "async/wait.hpp"
#include "net/socket.hpp"

namespace boucle {

// unwrap(handle) is the object, wrap(object) the handle.
#define BOUCLE_HANDLE(Handle, Class)                                                                      \
  inline Class *unwrap(Handle *handle) noexcept { return reinterpret_cast<Class *>(handle); }             \
  inline Class *unwrap(const Handle *handle) noexcept {                                                   \
    return reinterpret_cast<Class *>(const_cast<Handle *>(handle));                                       \
  }                                                                                                       \
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

// Functions that users give us, by the core's names for what they are given.
template <class To, class From>
To function_cast(From fn) noexcept {
  return reinterpret_cast<To>(reinterpret_cast<void (*)()>(fn));
}

// Runs f, which returns a Status and may throw bad_alloc.
template <class F>
int guard(F &&f) noexcept {
  try {
    return f();
  } catch (const std::bad_alloc &) {
    return status::NO_MEMORY;
  }
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

// Hands a Ref out through `ret`; NO_MEMORY for a null one.
template <class Handle, class T>
int give(Ref<T> ref, Handle **ret) noexcept {
  if (!ref) return status::NO_MEMORY;
  *ret = wrap(ref.take());
  return 0;
}
// The same for a value, of which null is nil; ret may be NULL.
inline int give_value(Ref<Value> value, value_t **ret) noexcept {
  if (ret) *ret = wrap(value.take());
  return 0;
}
// The same for an Op; its first reference becomes the user's.
inline int give(Op op, coroutine_t **ret) noexcept {
  Local<Coroutine> coroutine = std::move(op).take();
  if (!coroutine) return status::NO_MEMORY;
  coroutine->ref();
  *ret = wrap(coroutine.get());
  return 0;
}
// What the caller passed for an enum of the headers, which may be none of its values: reading that as one is undefined.
template <class Enum>
int number_of(const Enum &given) noexcept {
  int number;
  static_assert(sizeof number == sizeof given);
  std::memcpy(&number, &given, sizeof number);
  return number;
}
inline bool is_running_here(const loop_t *loop) noexcept {
  Loop *running = Loop::running_here();
  return running && unwrap(loop) == running;
}
// Why an object of this loop cannot be worked with here, or 0: then what comes of it stands behind what was posted.
inline Status check_thread(Loop &loop) noexcept {
  if (loop.runs_here()) [[likely]] return 0;
  if (Status s = loop.state.check_access()) return s;
  loop.settle_posts();
  return 0;
}
template <class Handle>
Status check(const Handle *handle) noexcept {
  return handle ? check_thread(unwrap(handle)->loop()) : status::INVALID;
}
// The same for what needs an open loop.
inline Status check_open(Loop &loop) noexcept {
  if (loop.runs_here()) [[likely]] return 0;
  if (Status s = loop.state.check_open()) return s;
  loop.settle_posts();
  return 0;
}
inline Status check_open(const loop_t *loop) noexcept { return loop ? check_open(*unwrap(loop)) : status::INVALID; }
template <class Handle>
Status check_open(const Handle *handle) noexcept {
  return handle ? check_open(unwrap(handle)->loop()) : status::INVALID;
}

// ---- time: seconds outside, nanoseconds inside ----
inline constexpr int64_t kFarthest = TimerQueue::kFarthest;
// NaN is INVALID; what is too far away is infinitely far.
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

// A loop made with the options, or with the default ones for NULL.
inline Status make_loop(const loop_options_t *options, Loop *&ret_loop) noexcept {
  const LoopOptions defaults;
  const LoopOptions *chosen = options ? unwrap(options) : &defaults;
  return Loop::make(*chosen, ret_loop);
}

#ifdef BOUCLE_COROUTINES
// Runs the coroutine in the body that calls; ret_value may be NULL. Nothing on the body's stack may own anything while
// it waits: if the task is dropped then, nobody comes back.
inline int await_in(Fiber &fiber, Local<Coroutine> &&coroutine, value_t **ret_value) noexcept {
  Ref<Value> value;
  if (Status s = fiber.await(std::move(coroutine), value)) return s;
  return give_value(std::move(value), ret_value);
}
#endif
// The same for f(loop, object), an Op about the object that a handle is.
template <class Handle, class F>
int await_op([[maybe_unused]] Handle *handle, [[maybe_unused]] value_t **ret_value, [[maybe_unused]] F &&f) noexcept {
#ifdef BOUCLE_COROUTINES
  if (!handle) return status::INVALID;
  Fiber *fiber = Fiber::here();
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

// What a done future says: 0 and its value, or the status of its exception.
int outcome_of(Future &future, value_t **ret_value) noexcept;

}  // namespace boucle

using namespace boucle;  // NOLINT: the adapters are nothing but boundary
