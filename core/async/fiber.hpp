// Fiber: the stepper of a task whose body is straight-line C, on a stack of its own. Each step of the task enters the
// stack; each await_... of the body leaves it, once it has said to the task what it waits for.
//
// A Fiber lives at the top of its own stack, so that the two are one allocation, of one page if the body is modest. The
// task owns it, as the userdata of its step. If the task goes while it is pending, the stack goes with all that is on it:
// nothing is unwound.
//
// The loop's thread only; between two steps that may become another thread.
#pragma once

#include "async/task.hpp"
#include "base/callback.hpp"
#include "sys/stack_pool.hpp"
#ifdef BOUCLE_COROUTINES
#include "sys/switch.hpp"
#endif

namespace boucle {

// Writes its result, a reference, and returns 0; or a status.
using CoroutineFn = int (*)(void *userdata, Value **ret_value);

// What a task is made with.
struct TaskOptions : Counted<TaskOptions> {
  size_t stack_size = 0;  // 0: the loop's
  static void destroy(TaskOptions *options) noexcept { delete options; }
};

#ifdef BOUCLE_COROUTINES

class Fiber {
 public:
  // A task that runs fn; the reference is the caller's, a shared one. nullptr if there is no memory. Size 0: the loop's.
  static Task *spawn(Loop &loop, CoroutineFn fn, Userdata userdata, size_t stack_size = 0) noexcept;
  // The one on whose stack the caller is; nullptr elsewhere.
  static Fiber *here() noexcept;  // nor in a destroy or its like: what called that goes on when it returns
  // The one that steps the task; nullptr if it has another stepper, or has ended.
  static Fiber *of(const Task &task) noexcept;

  void *userdata() const noexcept { return userdata_.get(); }
  const Loop &loop() const noexcept { return loop_; }

  // ---- on its stack ----
  // 0 and the result; or EXCEPTION, CANCELLED, whose exception is then the failure.
  Status await(Future &future, Ref<Value> &ret_value) noexcept;
  Status await(Coroutine &coroutine, Ref<Value> &ret_value) noexcept;  // fresh
  // The same; the reference is given to the task, so that nothing on the stack owns it meanwhile.
  Status await(Local<Coroutine> &&coroutine, Ref<Value> &ret_value) noexcept;
  Status sleep(int64_t delay_ns) noexcept;
  Status raise(Ref<Exception> exception) noexcept;
  // The last one; nullptr if nothing has failed.
  Exception *failure() const noexcept { return failures_[last_].get(); }

 private:
  Fiber(Loop &loop, Stack stack, CoroutineFn fn, Userdata userdata) noexcept;
  ~Fiber() = default;
  static void destroy(void *fiber) noexcept;
  static void step(Task *task, void *fiber);
  static void run(void *fiber) noexcept;

  Status settle(Outcome &&outcome, Ref<Value> &ret_value) noexcept;
  Outcome ending(Status status, Ref<Value> value) noexcept;

  Loop &loop_;
  int nested_ = 0;        // how many such calls are around its present step
  Task *task_ = nullptr;  // the one that is stepping it
  CoroutineFn fn_;
  Userdata userdata_;
  // What `return status` would raise again: the last exception, and the last cancellation.
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
