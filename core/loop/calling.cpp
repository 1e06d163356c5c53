// The loop's functions that schedule callbacks, off the hot path.
#include <cstdlib>
#include <new>

#include "loop/calling.hpp"

namespace boucle {

Status Loop::call_soon_in_new_node(LoopFn fn, void *userdata, Destroy destroy) noexcept {
  return call_soon({fn, Userdata(userdata, destroy), nullptr}, nullptr);
}

Status Loop::call_soon_threadsafe(Callback &&callback, Handle **ret_handle, Sharing sharing) noexcept {
  if (Status s = state.check_post()) [[unlikely]]
    return s;
  if (ret_handle) return post_handle(std::move(callback), ret_handle);
  if (runs_here()) return call_soon(std::move(callback), nullptr, sharing);
  Inbox::After after;
  if (Status s = scheduler.inbox.post(callback, sharing, after)) [[unlikely]]
    return s;
  if (after == Inbox::After::WakeLoop) [[unlikely]]
    driver.wake();
  if (after == Inbox::After::Yield) [[unlikely]]
    yield_processor();
  return 0;
}

// The handle may be dropped in any thread: its memory is not the pool's.
Status Loop::post_handle(Callback &&callback, Handle **ret_handle) noexcept {
  void *memory = std::malloc(sizeof(Handle));
  if (!memory) return status::NO_MEMORY;
  const bool here = runs_here();
  Ref<Context> present(here ? dispatch.context : nullptr);
  auto *handle = new (memory) Handle(*this, std::move(callback), std::move(present), Handle::Memory::Malloc, true);
  pin();
  bool wake = false;
  if (here) {
    scheduler.schedule(*handle);
  } else {
    handle->posted_ = true;
    if (Status s = scheduler.inbox.post(*handle, sizeof(Handle), wake)) {
      handle->dispose();
      return s;
    }
  }
  if (wake) driver.wake();
  *ret_handle = handle;
  return 0;
}

// The thread that runs the loop does not have the lock: it is in a callback of the host's, or waits. So the ready queue
// may be written to, as if from there. A loop that nobody runs is posted to, which makes its descriptor readable.
Status Loop::call_soon_locked(Callback &&callback, Handle **ret_handle) noexcept {
  if (!driver.has_wait_hook() || is_forked() || !runs_elsewhere()) {
    return call_soon_threadsafe(std::move(callback), ret_handle);
  }
  if (Status s = add_call(std::move(callback), nullptr, ret_handle, Sharing::Shared)) return s;
  driver.wake_if_waiting();
  return 0;
}

}  // namespace boucle
