// Fiber: a task's body on a stack of its own: straight-line C, which awaits with await_... Each step of the task enters
// the stack; each await_... sets what comes next and leaves the stack.
//
// A Fiber is at the top of its own stack: both are one allocation, of one page if the body needs little. The task owns
// it, as the userdata of its step function. If the task is destroyed while it is pending, the stack is freed with all
// that is on it, and nothing is unwound.
//
// The loop's thread only; between two steps another thread may become that.
#pragma once

#include "async/task.hpp"
#include "base/userdata.hpp"
#include "sys/stack_pool.hpp"
#ifdef BOUCLE_COROUTINES
#include "sys/switch.hpp"
#endif

namespace boucle {

// Returns 0, and a reference to its result; or a status.
using CoroutineFn = int (*)(void *userdata, Value **ret_value);

// Options for a new task.
struct TaskOptions : Counted<TaskOptions> {
  size_t stack_size = 0;  // 0: the loop's
  static void destroy(TaskOptions *options) noexcept { delete options; }
};

#ifdef BOUCLE_COROUTINES

class Fiber {
 public:
  // Makes a task that runs fn. Returns nullptr if there is no memory. The reference is the caller's, a shared one. Size
  // 0: the loop's.
  static Task *spawn(Loop &loop, CoroutineFn fn, Userdata userdata, size_t stack_size = 0) noexcept;
  // The fiber on whose stack the caller runs; nullptr elsewhere, and in a NestedCall, in which a body cannot await.
  static Fiber *current() noexcept;
  // The fiber of the task; nullptr if the task has another step function, or is done.
  static Fiber *of(const Task &task) noexcept;

  void *userdata() const noexcept { return userdata_.get(); }
  const Loop &loop() const noexcept { return loop_; }

  // ---- on its stack ----
  // They return 0 and the result; or EXCEPTION or CANCELLED, with the exception in failure().
  Status await(Future &future, Ref<Value> &ret_value) noexcept;
  Status await(Coroutine &coroutine, Ref<Value> &ret_value) noexcept;  // never awaited
  // The same. The reference goes to the task, so that nothing on the stack owns it meanwhile.
  Status await(Local<Coroutine> &&coroutine, Ref<Value> &ret_value) noexcept;
  Status sleep(int64_t delay_ns) noexcept;
  Status raise(Ref<Exception> exception) noexcept;
  // The last exception; nullptr if nothing has failed.
  Exception *failure() const noexcept { return failures_[last_].get(); }

 private:
  Fiber(Loop &loop, Stack stack, CoroutineFn fn, Userdata userdata) noexcept;
  ~Fiber() = default;
  static void destroy(void *fiber) noexcept;
  static void step(Task *task, void *fiber);
  static void run(void *fiber) noexcept;

  Status unpack(Outcome &&outcome, Ref<Value> &ret_value) noexcept;
  Outcome end_outcome(Status status, Ref<Value> value) noexcept;

  Loop &loop_;
  int nested_ = 0;        // NestedCall::count() when its step began
  Task *task_ = nullptr;  // whose step it is
  CoroutineFn fn_;
  Userdata userdata_;
  // What a body raises again that returns EXCEPTION or CANCELLED: the last exception, and the last cancellation.
  enum Failure { kException, kCancelled };
  Ref<Exception> failures_[2];
  Failure last_ = kException;
  Stack stack_;
  Switch switch_;
};

#else

struct Fiber {
  static Fiber *of(const Task &) noexcept { return nullptr; }
  void *userdata() const noexcept { return nullptr; }
};

#endif

}  // namespace boucle
