// The loop's functions that schedule callbacks, where they are on the hot path: inline, into the C API's functions.
#pragma once

#include "loop/loop.hpp"

namespace boucle {

// A handle that the loop side holds and, unless ret_handle is nullptr, the user.
inline Handle *Loop::make_handle(Callback &&callback, Context *in, Handle **ret_handle) noexcept {
  Handle *handle = heap.make<Handle>(std::move(callback), Ref<Context>(in), Handle::Memory::Pool, ret_handle);
  if (handle && ret_handle) *ret_handle = handle;
  return handle;
}

inline Status Loop::add_call(Callback &&callback, Context *in, Handle **ret_handle, Sharing sharing) noexcept {
  if (!ret_handle) {
    callback.context = Ref<Context>(in);
    auto make = [&](Calls::Kind kind, uint16_t size) -> Calls * {
      if (size == Calls::kLeast) kind = Calls::Kind::Whole;  // the first, and perhaps the only one
      void *memory = heap.pool.allocate(size);
      return memory ? new (memory) Calls(kind, false, size) : nullptr;
    };
    return scheduler.ready.add(callback, sharing, Calls::kMost, make) ? 0 : status::NO_MEMORY;
  }
  Handle *handle = make_handle(std::move(callback), in, ret_handle);
  if (!handle) [[unlikely]]
    return status::NO_MEMORY;
  scheduler.schedule(*handle);
  return 0;
}

inline Status Loop::call_soon(Callback &&callback, Handle **ret_handle, Sharing sharing) noexcept {
  if (Status s = check_open()) [[unlikely]]
    return s;
  return add_call(std::move(callback), dispatch.context, ret_handle, sharing);
}

inline Status Loop::add_timer(int64_t when, Callback &&callback, Handle **ret_handle) noexcept {
  Handle *handle = make_handle(std::move(callback), dispatch.context, ret_handle);
  if (!handle) [[unlikely]]
    return status::NO_MEMORY;
  handle->set_when(when);
  scheduler.schedule_at(*handle, when);
  return 0;
}

inline Status Loop::call_at(int64_t when, Callback &&callback, Handle **ret_handle) noexcept {
  if (Status s = state.check_open()) [[unlikely]]
    return s;
  return add_timer(when, std::move(callback), ret_handle);
}

inline Status Loop::call_later(int64_t delay_ns, Callback &&callback, Handle **ret_handle) noexcept {
  if (Status s = state.check_open()) [[unlikely]]
    return s;  // before the clock, which is the loop's thread's
  return add_timer(scheduler.deadline_after(delay_ns), std::move(callback), ret_handle);
}

inline Status Loop::call_soon(LoopFn fn, void *userdata, Destroy destroy) noexcept {
  if (runs_here() && scheduler.ready.write(fn, userdata, destroy, dispatch.context)) [[likely]]
    return 0;
  return call_soon_in_new_node(fn, userdata, destroy);
}

}  // namespace boucle
