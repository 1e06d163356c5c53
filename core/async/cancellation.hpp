// Cancellation: one request, or several, to cancel, on its way along what waits for what. A task passes it on to the task or
// the gather that it waits for, a gather to all of its futures; the others are cancelled on the spot.
//
// Two walks, both without recursion and without memory. The first looks for what is refused, which so changes nothing: a
// loop that is closed, and tasks and gathers that wait for each other in a circle, where a request would go round for
// ever. The second asks, in CPython's order.
//
// Where paths meet again, CPython asks once for each path, of which there may be more than anybody can wait for; after
// kMaxSteps steps, what was asked is not asked again.
//
// Invariants: (1) while it lives, no user code runs in this thread: nobody else uses the marks, and nothing goes; (2) all
// that is marked is reached from the roots, or from the gathers noted.
#pragma once

#include <span>

#include "async/gather.hpp"
#include "async/task.hpp"
#include "base/userdata.hpp"

namespace boucle {

class Cancellation {
 public:
  // What Future::cancel() is for a task and for a gather.
  static Status of(Future &future, const Ref<Exception> &reason, bool &ret_cancelled) noexcept;

  // For these, one after another; the caller keeps them, and the reason.
  Cancellation(std::span<Future *const> roots, const Ref<Exception> &reason) noexcept
      : roots_(roots), reason_(reason) {}
  ~Cancellation();
  // CLOSED, RECURSION, or 0: then request() may follow.
  Status check(Future &root) noexcept;
  bool request(Future &root) noexcept;

 private:
  using Mark = Future::Mark;
  static constexpr size_t kMaxSteps = 1'000'000;

  static bool is_refused_when_closed(const Future &future) noexcept;
  static Status check_closed(const Future &future) noexcept;
  // ---- looking ----
  bool check_path(Future &future) noexcept;
  void leave_checked() noexcept;
  static void mark_checked(Future &from) noexcept;
  static void unmark(Future &from) noexcept;
  // ---- asking ----
  bool request_one(Future &future) noexcept;
  bool request_tasks(Task &task) noexcept;
  bool enter(Gather &gather, Task *waiting) noexcept;
  void leave_requested() noexcept;
  bool is_over_limit(Future &future) noexcept;

  Userdata::Hold hold_;
  std::span<Future *const> roots_;
  const Ref<Exception> &reason_;
  Gather *top_ = nullptr;          // the one whose children are being visited; those around it by Visit::above
  Gather *last_marked_ = nullptr;  // the last gather that was marked; those before it by Visit::noted
  bool has_marked_tasks_ = false;  // mostly none: they wait for plain futures
  bool result_ = false;
  size_t steps_ = 0;
};

}  // namespace boucle
