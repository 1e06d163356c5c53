#include "boundary.hpp"
#include "loop/calling.hpp"

namespace {
// Calls f, which schedules a callback. Gives the handle to the user, unless ret_handle is NULL.
template <class F>
int schedule(loop_t *loop, loop_callback_fn fn, handle_t **ret_handle, F &&f) noexcept {
  if (!loop || !fn) return status::INVALID;
  Handle *handle = nullptr;
  if (Status s = f(*unwrap(loop), ret_handle ? &handle : nullptr)) return s;
  if (ret_handle) *ret_handle = wrap(handle);
  return 0;
}

// Not inline: saving and restoring its registers would be most of the cost of a call without a handle.
[[gnu::noinline]] int call_soon_for_handle(loop_t *loop, loop_callback_fn fn, void *userdata, destroy_fn destroy,
                                           handle_t **ret_handle) noexcept {
  Callback owned = callback(fn, userdata, destroy);
  return schedule(loop, fn, ret_handle, [&](Loop &l, Handle **ret) { return l.call_soon(std::move(owned), ret); });
}
}  // namespace

int loop_call_soon(loop_t *loop, loop_callback_fn fn, void *userdata, destroy_fn destroy, handle_t **ret_handle) {
  if (loop && fn && !ret_handle) [[likely]]
    return unwrap(loop)->call_soon(function_cast<LoopFn>(fn), userdata, destroy);
  return call_soon_for_handle(loop, fn, userdata, destroy, ret_handle);
}

int loop_call_soon_threadsafe(loop_t *loop, loop_callback_fn fn, void *userdata, destroy_fn destroy,
                              handle_t **ret_handle) {
  Callback owned = callback(fn, userdata, destroy);
  return schedule(loop, fn, ret_handle,
                  [&](Loop &l, Handle **ret) { return l.call_soon_threadsafe(std::move(owned), ret); });
}

int loop_call_soon_locked(loop_t *loop, loop_callback_fn fn, void *userdata, destroy_fn destroy,
                          handle_t **ret_handle) {
  Callback owned = callback(fn, userdata, destroy);
  return schedule(loop, fn, ret_handle,
                  [&](Loop &l, Handle **ret) { return l.call_soon_locked(std::move(owned), ret); });
}

int loop_call_later(loop_t *loop, double delay, loop_callback_fn fn, void *userdata, destroy_fn destroy,
                    handle_t **ret_handle) {
  Callback owned = callback(fn, userdata, destroy);
  int64_t ns;
  if (to_ns(delay, ns)) return status::INVALID;
  return schedule(loop, fn, ret_handle, [&](Loop &l, Handle **ret) { return l.call_later(ns, std::move(owned), ret); });
}

int loop_call_at(loop_t *loop, double when, loop_callback_fn fn, void *userdata, destroy_fn destroy,
                 handle_t **ret_handle) {
  Callback owned = callback(fn, userdata, destroy);
  int64_t ns;
  if (to_ns(when, ns)) return status::INVALID;
  return schedule(loop, fn, ret_handle, [&](Loop &l, Handle **ret) { return l.call_at(ns, std::move(owned), ret); });
}

int loop_raise(loop_t *loop, exception_t *exception) {
  if (!loop || !exception) return status::INVALID;
  if (Status s = check(loop)) return s;
  return unwrap(loop)->dispatch.raise(Ref<Exception>(unwrap(exception)));
}

handle_t *handle_ref(handle_t *handle) { return ref(handle); }
void handle_unref(handle_t *handle) { unref(handle); }

int handle_cancel(handle_t *handle) {
  if (!handle) return status::INVALID;
  if (Status s = unwrap(handle)->loop().state.check_access()) return s;
  unwrap(handle)->cancel();
  return 0;
}
int handle_again(handle_t *handle, double delay) {
  int64_t ns;
  if (!handle || to_ns(delay, ns)) return status::INVALID;
  if (Status s = unwrap(handle)->loop().state.check_open()) return s;
  return unwrap(handle)->move_to(unwrap(handle)->loop().scheduler.deadline_after(ns));
}
int handle_cancelled(const handle_t *handle) { return handle && unwrap(handle)->is_cancelled(); }
double handle_when(const handle_t *handle) { return handle ? to_seconds(unwrap(handle)->when()) : 0; }
