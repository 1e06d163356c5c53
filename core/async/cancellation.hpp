// Cancellation: cancels one future or several. A task forwards the request to the task or the gather that it awaits, a
// gather to all of its futures; any other future is cancelled at once.
//
// There are two walks, both without recursion and without allocation. The first, check(), looks for what is refused,
// before anything has changed: a loop that is closed, and tasks and gathers that await each other in a circle, which a
// request would follow for ever. The second, request(), cancels, in CPython's order.
//
// Where several paths lead to a future, CPython requests once for each path. There may be exponentially many of them:
// after kMaxSteps steps, each future is requested once more at most.
//
// Invariants: (1) while a Cancellation lives, no user code runs in this thread: nothing else uses the marks, and
// nothing is destroyed; (2) everything marked is reached from the roots, or from the gathers of the list last_marked_.
#pragma once

#include <span>

#include "async/gather.hpp"
#include "async/task.hpp"
#include "base/userdata.hpp"

namespace boucle {

class Cancellation {
 public:
  // Future::cancel(), for a task and for a gather.
  static Status of(Future &future, const Ref<Exception> &reason, bool &ret_cancelled) noexcept;

  // For these roots, one after another. The caller keeps the roots and the reason alive.
  Cancellation(std::span<Future *const> roots, const Ref<Exception> &reason) noexcept
      : roots_(roots), reason_(reason) {}
  ~Cancellation();
  // Returns CLOSED or RECURSION, or 0: then request() may follow.
  Status check(Future &root) noexcept;
  // Returns true if the root is cancelled, or will be.
  bool request(Future &root) noexcept;

 private:
  using Mark = Future::Mark;
  static constexpr size_t kMaxSteps = 1'000'000;

  static bool is_refused_when_closed(const Future &future) noexcept;
  static Status check_closed(const Future &future) noexcept;
  // ---- check() ----
  bool check_path(Future &future) noexcept;
  void leave_checked() noexcept;
  static void mark_checked(Future &from) noexcept;
  static void unmark(Future &from) noexcept;
  // ---- request() ----
  bool request_one(Future &future) noexcept;
  bool request_tasks(Task &task) noexcept;
  bool enter(Gather &gather, Task *waiting) noexcept;
  void leave_requested() noexcept;
  bool is_over_limit(Future &future) noexcept;

  Userdata::Hold hold_;
  std::span<Future *const> roots_;
  const Ref<Exception> &reason_;
  Gather *top_ = nullptr;          // the one whose children are visited; those around it by Visit::parent
  Gather *last_marked_ = nullptr;  // the one that was marked last; those before it by Visit::previous_marked
  bool has_marked_tasks_ = false;  // mostly there are none: tasks await plain futures
  bool result_ = false;
  size_t steps_ = 0;
};

}  // namespace boucle
