/* Locks, events, conditions, semaphores, barriers: asyncio's, fair in asyncio's way. They are for tasks of one loop,
 * not for threads.
 *
 * What may have to wait is a coroutine: nothing happens before a task awaits it. */
#ifndef BOUCLE_SYNC_H
#define BOUCLE_SYNC_H

#include <boucle/base.h>

BOUCLE_BEGIN_DECLS

/* Held by one task at a time: asyncio.Lock. */
typedef struct boucle_lock lock_t;
/* Set or not, and waited for until it is: asyncio.Event. */
typedef struct boucle_event event_t;
/* Waited for with a lock that is released meanwhile: asyncio.Condition. */
typedef struct boucle_condition condition_t;
/* A number of places: asyncio.Semaphore and asyncio.BoundedSemaphore. */
typedef struct boucle_semaphore semaphore_t;
/* A number of tasks that wait for one another: asyncio.Barrier. */
typedef struct boucle_barrier barrier_t;

/* Returns non-zero when the condition holds. Called on the loop's thread, inside the task that waits. */
typedef int (*predicate_fn)(void *userdata);

/* ---- lock ---- */

/* A lock, not acquired.
 *   Errors: -EINVAL loop or ret_lock is NULL; LOOP_ECLOSED; LOOP_EWRONGTHREAD; -ENOMEM
 *   asyncio: asyncio.Lock() */
BOUCLE_API int lock_new(loop_t *loop, lock_t **ret_lock);

/* One more owner of the lock, and one less. That is not to acquire it.
 *   Thread: any
 *   Errors: none; NULL is fine */
BOUCLE_API lock_t *lock_ref(lock_t *lock);
BOUCLE_API void lock_unref(lock_t *lock);

/* 1 while it is acquired, else 0.
 *   Errors: none; 0 for NULL
 *   asyncio: lock.locked() */
BOUCLE_API int lock_locked(const lock_t *lock);

/* A coroutine that acquires the lock, after those that wait already. Its result is true.
 *   Ownership: keeps lock
 *   Errors: -EINVAL lock or ret_coroutine is NULL; LOOP_ECLOSED; LOOP_EWRONGTHREAD; -ENOMEM
 *   asyncio: lock.acquire() */
BOUCLE_API int lock_acquire(lock_t *lock, coroutine_t **ret_coroutine);

/* Acquires the lock, after those that wait already: lock_acquire and await_take in one, for bodies of loop_create_task.
 *   Ownership: keeps lock until then
 *   Thread: the loop's, inside a body or what it calls
 *   Errors: -EINVAL lock is NULL; LOOP_ENOTASK not inside a body; LOOP_EWRONGLOOP; -ENOMEM; LOOP_EEXCEPTION it failed
 *       (MemoryError); LOOP_ECANCELLED this task was cancelled (await_exception has the exception); LOOP_ENOTSUPPORTED
 *       built without coroutines
 *   asyncio: await lock.acquire()
 *   Since: 0.4 */
BOUCLE_API int await_lock_acquire(lock_t *lock);

/* Releases the lock, whoever acquired it, and wakes the first that waits.
 *   Errors: -EINVAL lock is NULL; LOOP_EWRONGTHREAD; LOOP_ENOTLOCKED it is not acquired
 *   asyncio: lock.release() */
BOUCLE_API int lock_release(lock_t *lock);

/* ---- event ---- */

/* An event, not set.
 *   Errors: -EINVAL loop or ret_event is NULL; LOOP_ECLOSED; LOOP_EWRONGTHREAD; -ENOMEM
 *   asyncio: asyncio.Event() */
BOUCLE_API int event_new(loop_t *loop, event_t **ret_event);

/* One more owner of the event, and one less.
 *   Thread: any
 *   Errors: none; NULL is fine */
BOUCLE_API event_t *event_ref(event_t *event);
BOUCLE_API void event_unref(event_t *event);

/* 1 while it is set, else 0.
 *   Errors: none; 0 for NULL
 *   asyncio: event.is_set() */
BOUCLE_API int event_is_set(const event_t *event);

/* Sets the event, and wakes all that wait.
 *   Errors: -EINVAL event is NULL; LOOP_EWRONGTHREAD
 *   asyncio: event.set() */
BOUCLE_API int event_set(event_t *event);

/* Takes it back: who waits from now on waits.
 *   Errors: -EINVAL event is NULL; LOOP_EWRONGTHREAD
 *   asyncio: event.clear() */
BOUCLE_API int event_clear(event_t *event);

/* A coroutine that waits until the event is set. Its result is true.
 *   Ownership: keeps event
 *   Errors: -EINVAL event or ret_coroutine is NULL; LOOP_ECLOSED; LOOP_EWRONGTHREAD; -ENOMEM
 *   asyncio: event.wait() */
BOUCLE_API int event_wait(event_t *event, coroutine_t **ret_coroutine);

/* Waits until the event is set: event_wait and await_take in one, for bodies of loop_create_task.
 *   Ownership: keeps event until then
 *   Thread: the loop's, inside a body or what it calls
 *   Errors: -EINVAL event is NULL; LOOP_ENOTASK not inside a body; LOOP_EWRONGLOOP; -ENOMEM; LOOP_EEXCEPTION it failed
 *       (MemoryError); LOOP_ECANCELLED this task was cancelled (await_exception has the exception); LOOP_ENOTSUPPORTED
 *       built without coroutines
 *   asyncio: await event.wait()
 *   Since: 0.4 */
BOUCLE_API int await_event_wait(event_t *event);

/* ---- condition ---- */

/* A condition with that lock; lock may be NULL: then it makes one.
 *   Ownership: keeps lock
 *   Errors: -EINVAL loop or ret_condition is NULL; LOOP_EWRONGLOOP; LOOP_ECLOSED; LOOP_EWRONGTHREAD; -ENOMEM
 *   asyncio: asyncio.Condition(lock) */
BOUCLE_API int condition_new(loop_t *loop, lock_t *lock, condition_t **ret_condition);

/* One more owner of the condition, and one less.
 *   Thread: any
 *   Errors: none; NULL is fine */
BOUCLE_API condition_t *condition_ref(condition_t *condition);
BOUCLE_API void condition_unref(condition_t *condition);

/* Its lock: acquire that before waiting or notifying.
 *   Ownership: lends the lock
 *   Thread: any
 *   Errors: none; NULL for NULL
 *   asyncio: condition._lock */
BOUCLE_API lock_t *condition_lock(condition_t *condition);

/* A coroutine that releases the lock, waits to be notified, and acquires the lock again, also if it is cancelled. Its
 * result is true; it fails with RuntimeError if the lock is not acquired.
 *   Ownership: keeps condition
 *   Errors: -EINVAL condition or ret_coroutine is NULL; LOOP_ECLOSED; LOOP_EWRONGTHREAD; -ENOMEM
 *   asyncio: condition.wait() */
BOUCLE_API int condition_wait(condition_t *condition, coroutine_t **ret_coroutine);

/* Releases the lock, waits to be notified, and acquires the lock again: condition_wait and await_take in one, for
 * bodies of loop_create_task.
 *   Ownership: keeps condition until then
 *   Thread: the loop's, inside a body or what it calls
 *   Errors: -EINVAL condition is NULL; LOOP_ENOTASK not inside a body; LOOP_EWRONGLOOP; -ENOMEM; LOOP_EEXCEPTION it
 *       failed (RuntimeError, MemoryError); LOOP_ECANCELLED this task was cancelled (await_exception has the
 *       exception); LOOP_ENOTSUPPORTED built without coroutines
 *   asyncio: await condition.wait()
 *   Since: 0.4 */
BOUCLE_API int await_condition_wait(condition_t *condition);

/* A coroutine that does condition_wait until the predicate, called with the lock held, is non-zero. Its result is true.
 *   Ownership: keeps condition; takes the triple: destroy runs when the coroutine goes
 *   Errors: -EINVAL condition, fn or ret_coroutine is NULL; LOOP_ECLOSED; LOOP_EWRONGTHREAD; -ENOMEM
 *   asyncio: condition.wait_for() */
BOUCLE_API int condition_wait_for(condition_t *condition, predicate_fn fn, void *userdata, destroy_fn destroy,
                                  coroutine_t **ret_coroutine);

/* Wakes the first `count` that wait; they go on one after another, as they get the lock.
 *   Errors: -EINVAL condition is NULL; LOOP_EWRONGTHREAD; LOOP_ENOTLOCKED the lock is not acquired
 *   asyncio: condition.notify(n) */
BOUCLE_API int condition_notify(condition_t *condition, size_t count);

/* Wakes all that wait.
 *   Errors: -EINVAL condition is NULL; LOOP_EWRONGTHREAD; LOOP_ENOTLOCKED the lock is not acquired
 *   asyncio: condition.notify_all() */
BOUCLE_API int condition_notify_all(condition_t *condition);

/* ---- semaphore ---- */

/* A semaphore with `value` free places, and no upper bound.
 *   Errors: -EINVAL loop or ret_semaphore is NULL, or value is negative; LOOP_ECLOSED; LOOP_EWRONGTHREAD; -ENOMEM
 *   asyncio: asyncio.Semaphore(value) */
BOUCLE_API int semaphore_new(loop_t *loop, int64_t value, semaphore_t **ret_semaphore);

/* A semaphore that never has more than its initial `value` free places.
 *   Errors: -EINVAL loop or ret_semaphore is NULL, or value is negative; LOOP_ECLOSED; LOOP_EWRONGTHREAD; -ENOMEM
 *   asyncio: asyncio.BoundedSemaphore(value) */
BOUCLE_API int semaphore_new_bounded(loop_t *loop, int64_t value, semaphore_t **ret_semaphore);

/* One more owner of the semaphore, and one less. That is not to acquire it.
 *   Thread: any
 *   Errors: none; NULL is fine */
BOUCLE_API semaphore_t *semaphore_ref(semaphore_t *semaphore);
BOUCLE_API void semaphore_unref(semaphore_t *semaphore);

/* 1 if it cannot be acquired at once, else 0.
 *   Errors: none; 0 for NULL
 *   asyncio: semaphore.locked() */
BOUCLE_API int semaphore_locked(const semaphore_t *semaphore);

/* A coroutine that takes a place, after those that wait already. Its result is true.
 *   Ownership: keeps semaphore
 *   Errors: -EINVAL semaphore or ret_coroutine is NULL; LOOP_ECLOSED; LOOP_EWRONGTHREAD; -ENOMEM
 *   asyncio: semaphore.acquire() */
BOUCLE_API int semaphore_acquire(semaphore_t *semaphore, coroutine_t **ret_coroutine);

/* Takes a place, after those that wait already: semaphore_acquire and await_take in one, for bodies of
 * loop_create_task.
 *   Ownership: keeps semaphore until then
 *   Thread: the loop's, inside a body or what it calls
 *   Errors: -EINVAL semaphore is NULL; LOOP_ENOTASK not inside a body; LOOP_EWRONGLOOP; -ENOMEM; LOOP_EEXCEPTION it
 *       failed (MemoryError); LOOP_ECANCELLED this task was cancelled (await_exception has the exception);
 *       LOOP_ENOTSUPPORTED built without coroutines
 *   asyncio: await semaphore.acquire()
 *   Since: 0.4 */
BOUCLE_API int await_semaphore_acquire(semaphore_t *semaphore);

/* Frees a place, whoever took it, and wakes the first that waits.
 *   Errors: -EINVAL semaphore is NULL; LOOP_EWRONGTHREAD; LOOP_EOVERRELEASED it is bounded, and has all of its places
 *   asyncio: semaphore.release() */
BOUCLE_API int semaphore_release(semaphore_t *semaphore);

/* ---- barrier ---- */

/* A barrier that `parties` tasks cross together.
 *   Errors: -EINVAL loop or ret_barrier is NULL, or parties is 0; LOOP_ECLOSED; LOOP_EWRONGTHREAD; -ENOMEM
 *   asyncio: asyncio.Barrier(parties) */
BOUCLE_API int barrier_new(loop_t *loop, size_t parties, barrier_t **ret_barrier);

/* One more owner of the barrier, and one less.
 *   Thread: any
 *   Errors: none; NULL is fine */
BOUCLE_API barrier_t *barrier_ref(barrier_t *barrier);
BOUCLE_API void barrier_unref(barrier_t *barrier);

/* How many tasks cross together.
 *   Errors: none; 0 for NULL
 *   asyncio: barrier.parties */
BOUCLE_API size_t barrier_parties(const barrier_t *barrier);

/* How many tasks wait now for the others; 0 while they are crossing.
 *   Errors: none; 0 for NULL
 *   asyncio: barrier.n_waiting */
BOUCLE_API size_t barrier_n_waiting(const barrier_t *barrier);

/* 1 once it is aborted, until it is reset, else 0.
 *   Errors: none; 0 for NULL
 *   asyncio: barrier.broken */
BOUCLE_API int barrier_broken(const barrier_t *barrier);

/* A coroutine that waits until all parties are there. Its result is this task's index among them, from 0; it fails with
 * BrokenBarrierError if the barrier is broken, aborted or reset.
 *   Ownership: keeps barrier
 *   Errors: -EINVAL barrier or ret_coroutine is NULL; LOOP_ECLOSED; LOOP_EWRONGTHREAD; -ENOMEM
 *   asyncio: barrier.wait() */
BOUCLE_API int barrier_wait(barrier_t *barrier, coroutine_t **ret_coroutine);

/* Waits until all parties are there, and hands out this task's index among them: barrier_wait and await_take in one,
 * for bodies of loop_create_task.
 *   Ownership: keeps barrier until then; *ret_value (ret_value may be NULL) is a new reference
 *   Thread: the loop's, inside a body or what it calls
 *   Errors: -EINVAL barrier is NULL; LOOP_ENOTASK not inside a body; LOOP_EWRONGLOOP; -ENOMEM; LOOP_EEXCEPTION it
 *       failed (BrokenBarrierError, MemoryError); LOOP_ECANCELLED this task was cancelled (await_exception has the
 *       exception); LOOP_ENOTSUPPORTED built without coroutines
 *   asyncio: await barrier.wait()
 *   Since: 0.4 */
BOUCLE_API int await_barrier_wait(barrier_t *barrier, value_t **ret_value);

/* A coroutine that makes the barrier new: the tasks that wait fail with BrokenBarrierError. Its result is nil.
 *   Ownership: keeps barrier
 *   Errors: -EINVAL barrier or ret_coroutine is NULL; LOOP_ECLOSED; LOOP_EWRONGTHREAD; -ENOMEM
 *   asyncio: barrier.reset() */
BOUCLE_API int barrier_reset(barrier_t *barrier, coroutine_t **ret_coroutine);

/* A coroutine that breaks the barrier: the tasks that wait, and those that come, fail with BrokenBarrierError. Its
 * result is nil.
 *   Ownership: keeps barrier
 *   Errors: -EINVAL barrier or ret_coroutine is NULL; LOOP_ECLOSED; LOOP_EWRONGTHREAD; -ENOMEM
 *   asyncio: barrier.abort() */
BOUCLE_API int barrier_abort(barrier_t *barrier, coroutine_t **ret_coroutine);

BOUCLE_END_DECLS

#endif
