// Coroutine: asyncio's coroutine object. It runs inside the task that awaits it, once; the task's frames form a stack.
//
// The library's own coroutines (a lock's acquire, a queue's get, ...) are C++20 coroutines of type Async, written like
// asyncio's `async def`: `Outcome outcome = co_await result_of(f);` where Python says `await f`. An exception is a
// value. Their first parameter is the loop, whose pool has the memory of their frames.
//
// Invariants: (1) a coroutine is Fresh, then Running inside one task, then Finished; (2) its body begins with the first
// resume(); if the task is to be resumed with a failure then, the body never begins.
#pragma once

#include <coroutine>

#include "async/future.hpp"

namespace boucle {

class Task;

class Coroutine : public Object {
 public:
  bool is_fresh() const noexcept { return stage_ == Stage::Fresh; }
  bool is_finished() const noexcept { return stage_ == Stage::Finished; }

 protected:
  explicit Coroutine(Loop &loop) noexcept : Object(loop, Born::Local) {}
  enum class Stage : uint8_t { Fresh, Running, Finished };

  void dispose() noexcept override;

  Stage stage_ = Stage::Fresh;
  std::coroutine_handle<> handle_;
  Coroutine *parent_ = nullptr;  // the frame below; owned by the task
  Task *task_ = nullptr;
  Outcome outcome_;  // what it is resumed with; then what it ended with

 private:
  friend class Task;
  bool has_begun() const noexcept { return task_ != nullptr; }
  void resume(Task &task, Outcome in) noexcept {
    task_ = &task;
    stage_ = Stage::Running;
    outcome_ = std::move(in);
    handle_.resume();
  }
};

class Async {
 public:
  struct promise_type final : Coroutine {
    template <class... Args>
    explicit promise_type(Loop &loop, Args &&...) noexcept : Coroutine(loop) {
      handle_ = std::coroutine_handle<promise_type>::from_promise(*this);
      loop.heap.object_made();
    }
    template <class... Args>
    static void *operator new(size_t size, Loop &loop, Args &&...) noexcept {
      return loop.heap.pool.allocate(size);
    }
    static void operator delete(void *frame, size_t size) noexcept { Pool::deallocate_by_owner(frame, size); }
    static Async get_return_object_on_allocation_failure() noexcept { return Async(nullptr); }
    Async get_return_object() noexcept { return Async(this); }
    std::suspend_always initial_suspend() noexcept { return {}; }
    std::suspend_always final_suspend() noexcept {
      stage_ = Stage::Finished;
      return {};
    }
    void return_value(Outcome outcome) noexcept { outcome_ = std::move(outcome); }
    void unhandled_exception() noexcept { outcome_ = Exception::no_memory(); }  // bad_alloc; nothing else is thrown
    Task &task() noexcept { return *task_; }
    Outcome take() noexcept { return std::move(outcome_); }
  };

  // Returns nullptr if there was no memory. The reference, a local one, is the caller's.
  Local<Coroutine> take() &&noexcept { return Local<Coroutine>::adopt(coroutine_); }
  Coroutine *get() const noexcept { return coroutine_; }

 private:
  explicit Async(Coroutine *coroutine) noexcept : coroutine_(coroutine) {}
  Coroutine *coroutine_;
};

// ---- what an Async may co_await: each of these results in an Outcome ----

// A future, which the caller keeps alive.
struct FutureAwaiter {
  Future *future;
  Async::promise_type *promise = nullptr;
  bool await_ready() const noexcept { return false; }
  void await_suspend(std::coroutine_handle<Async::promise_type> handle) noexcept;
  Outcome await_resume() noexcept { return promise->take(); }
};
inline FutureAwaiter result_of(Future &future) noexcept { return {&future}; }

// Another coroutine; nullptr results in MemoryError. If it was awaited already, the result is the RuntimeError of
// Python: only here it is known whether it was.
struct CoroutineAwaiter {
  Coroutine *coroutine;
  Async::promise_type *promise = nullptr;
  bool await_ready() const noexcept { return coroutine == nullptr; }
  bool await_suspend(std::coroutine_handle<Async::promise_type> handle) noexcept;
  Outcome await_resume() noexcept { return promise ? promise->take() : refusal(); }
  Outcome refusal() const noexcept;
};
inline CoroutineAwaiter result_of(const Local<Coroutine> &coroutine) noexcept { return {coroutine.get()}; }

// A sleep until a deadline; with kYield, for one turn.
struct SleepUntil {
  static constexpr int64_t kYield = -1;
  int64_t deadline;
  Async::promise_type *promise = nullptr;
  bool await_ready() const noexcept { return false; }
  void await_suspend(std::coroutine_handle<Async::promise_type> handle) noexcept;
  Outcome await_resume() noexcept { return promise->take(); }
};

// The task that the Async runs in.
struct ThisTask {
  Task *task = nullptr;
  bool await_ready() const noexcept { return false; }
  bool await_suspend(std::coroutine_handle<Async::promise_type> handle) noexcept {
    task = &handle.promise().task();
    return false;
  }
  Task &await_resume() noexcept { return *task; }
};

// ---- the two coroutines that belong to no other file ----
Async async_sleep(Loop &loop, int64_t delay_ns) noexcept;
Async async_await(Loop &loop, Local<Future> future) noexcept;

}  // namespace boucle
