#include "boundary.hpp"

namespace {
// Makes an object of the loop, and gives it to the user.
template <class T, class Handle, class... Args>
int make(loop_t *loop, Handle **ret, Args &&...args) noexcept {
  if (!ret) return status::INVALID;
  if (Status s = check_open(loop)) return s;
  return give(Ref<T>::adopt(unwrap(loop)->heap.make<T>(std::forward<Args>(args)...)), ret);
}
// Gives the coroutine that f(loop, object) returns to the user.
template <class Handle, class F>
int make_coroutine(Handle *handle, coroutine_t **ret_coroutine, F &&f) noexcept {
  if (!ret_coroutine) return status::INVALID;
  if (Status s = check_open(handle)) return s;
  auto *object = unwrap(handle);
  return give(f(object->loop(), Local(object)), ret_coroutine);
}
}  // namespace

// ---- lock ----
int lock_new(loop_t *loop, lock_t **ret_lock) { return make<Lock>(loop, ret_lock); }
lock_t *lock_ref(lock_t *lock) { return ref(lock); }
void lock_unref(lock_t *lock) { unref(lock); }
int lock_locked(const lock_t *lock) { return lock && unwrap(lock)->locked(); }
int lock_acquire(lock_t *lock, coroutine_t **ret_coroutine) {
  return make_coroutine(lock, ret_coroutine, [](Loop &loop, Local<Lock> l) { return async_acquire(loop, l); });
}
int await_lock_acquire(lock_t *lock) {
  return await_async(lock, nullptr, [](Loop &loop, Local<Lock> l) { return async_acquire(loop, std::move(l)); });
}
int lock_release(lock_t *lock) {
  if (Status s = check(lock)) return s;
  return unwrap(lock)->release_lock();
}

// ---- event ----
int event_new(loop_t *loop, event_t **ret_event) { return make<Event>(loop, ret_event); }
event_t *event_ref(event_t *event) { return ref(event); }
void event_unref(event_t *event) { unref(event); }
int event_is_set(const event_t *event) { return event && unwrap(event)->is_set(); }
int event_set(event_t *event) {
  if (Status s = check(event)) return s;
  unwrap(event)->set();
  return 0;
}
int event_clear(event_t *event) {
  if (Status s = check(event)) return s;
  unwrap(event)->clear();
  return 0;
}
int event_wait(event_t *event, coroutine_t **ret_coroutine) {
  return make_coroutine(event, ret_coroutine, [](Loop &loop, Local<Event> e) { return async_wait_event(loop, e); });
}
int await_event_wait(event_t *event) {
  return await_async(event, nullptr, [](Loop &loop, Local<Event> e) { return async_wait_event(loop, std::move(e)); });
}

// ---- condition ----
int condition_new(loop_t *loop, lock_t *lock, condition_t **ret_condition) {
  if (!ret_condition) return status::INVALID;
  if (Status s = check_open(loop)) return s;
  if (lock && &unwrap(lock)->loop() != unwrap(loop)) return status::WRONGLOOP;
  return give(Ref<Condition>::adopt(Condition::make(*unwrap(loop), unwrap(lock))), ret_condition);
}
condition_t *condition_ref(condition_t *condition) { return ref(condition); }
void condition_unref(condition_t *condition) { unref(condition); }
lock_t *condition_lock(condition_t *condition) { return condition ? wrap(&unwrap(condition)->lock()) : nullptr; }
int condition_wait(condition_t *condition, coroutine_t **ret_coroutine) {
  return make_coroutine(condition, ret_coroutine,
                        [](Loop &loop, Local<Condition> c) { return async_wait_condition(loop, c); });
}
int await_condition_wait(condition_t *condition) {
  return await_async(condition, nullptr,
                     [](Loop &loop, Local<Condition> c) { return async_wait_condition(loop, std::move(c)); });
}
int condition_wait_for(condition_t *condition, predicate_fn fn, void *userdata, destroy_fn destroy,
                       coroutine_t **ret_coroutine) {
  Userdata owned(userdata, destroy);
  if (!fn) return status::INVALID;
  return make_coroutine(condition, ret_coroutine, [&](Loop &loop, Local<Condition> c) {
    return async_wait_condition_for(loop, c, fn, std::move(owned));
  });
}
int condition_notify(condition_t *condition, size_t count) {
  if (Status s = check(condition)) return s;
  return unwrap(condition)->notify(count);
}
int condition_notify_all(condition_t *condition) { return condition_notify(condition, SIZE_MAX); }

// ---- semaphore ----
int semaphore_new(loop_t *loop, int64_t value, semaphore_t **ret_semaphore) {
  if (value < 0) return status::INVALID;
  return make<Semaphore>(loop, ret_semaphore, value, Semaphore::kUnbounded);
}
int semaphore_new_bounded(loop_t *loop, int64_t value, semaphore_t **ret_semaphore) {
  if (value < 0) return status::INVALID;
  return make<Semaphore>(loop, ret_semaphore, value, value);
}
semaphore_t *semaphore_ref(semaphore_t *semaphore) { return ref(semaphore); }
void semaphore_unref(semaphore_t *semaphore) { unref(semaphore); }
int semaphore_locked(const semaphore_t *semaphore) { return semaphore && unwrap(semaphore)->locked(); }
int semaphore_acquire(semaphore_t *semaphore, coroutine_t **ret_coroutine) {
  return make_coroutine(semaphore, ret_coroutine,
                        [](Loop &loop, Local<Semaphore> s) { return async_acquire(loop, s); });
}
int await_semaphore_acquire(semaphore_t *semaphore) {
  return await_async(semaphore, nullptr,
                     [](Loop &loop, Local<Semaphore> s) { return async_acquire(loop, std::move(s)); });
}
int semaphore_release(semaphore_t *semaphore) {
  if (Status s = check(semaphore)) return s;
  return unwrap(semaphore)->release_one();
}

// ---- barrier ----
int barrier_new(loop_t *loop, size_t parties, barrier_t **ret_barrier) {
  if (parties == 0 || !ret_barrier) return status::INVALID;
  if (Status s = check_open(loop)) return s;
  return give(Ref<Barrier>::adopt(Barrier::make(*unwrap(loop), parties)), ret_barrier);
}
barrier_t *barrier_ref(barrier_t *barrier) { return ref(barrier); }
void barrier_unref(barrier_t *barrier) { unref(barrier); }
size_t barrier_parties(const barrier_t *barrier) { return barrier ? unwrap(barrier)->parties() : 0; }
size_t barrier_n_waiting(const barrier_t *barrier) { return barrier ? unwrap(barrier)->waiting() : 0; }
int barrier_broken(const barrier_t *barrier) { return barrier && unwrap(barrier)->broken(); }
int barrier_wait(barrier_t *barrier, coroutine_t **ret_coroutine) {
  return make_coroutine(barrier, ret_coroutine,
                        [](Loop &loop, Local<Barrier> b) { return async_wait_barrier(loop, b); });
}
int await_barrier_wait(barrier_t *barrier, value_t **ret_value) {
  return await_async(barrier, ret_value,
                     [](Loop &loop, Local<Barrier> b) { return async_wait_barrier(loop, std::move(b)); });
}
int barrier_reset(barrier_t *barrier, coroutine_t **ret_coroutine) {
  return make_coroutine(barrier, ret_coroutine, [](Loop &loop, Local<Barrier> b) { return async_reset(loop, b); });
}
int barrier_abort(barrier_t *barrier, coroutine_t **ret_coroutine) {
  return make_coroutine(barrier, ret_coroutine, [](Loop &loop, Local<Barrier> b) { return async_abort(loop, b); });
}
