/* Locks, events, conditions, semaphores and barriers: those of asyncio, in asyncio's order. They are for tasks of one
 * loop, not for threads.
 *
 * A function for something that may have to wait makes a coroutine. Nothing happens before a task awaits it. */
#ifndef BOUCLE_SYNC_H
#define BOUCLE_SYNC_H

#include <boucle/base.h>

BOUCLE_BEGIN_DECLS

/* A lock that one task at a time has acquired: asyncio.Lock. */
typedef struct boucle_lock lock_t;
/* A flag; tasks wait until it is set: asyncio.Event. */
typedef struct boucle_event event_t;
/* A lock, and tasks that wait to be notified, which release the lock meanwhile: asyncio.Condition. */
typedef struct boucle_condition condition_t;
/* A number of places that tasks take and free: asyncio.Semaphore and asyncio.BoundedSemaphore. */
typedef struct boucle_semaphore semaphore_t;
/* A place at which a number of tasks wait for each other: asyncio.Barrier. */
typedef struct boucle_barrier barrier_t;

/* Returns non-zero when the condition is true. It is called on the loop's thread, inside the task that waits. */
typedef int (*predicate_fn)(void *userdata);

/* ---- lock ---- */

/* Makes a lock, which is not acquired.
 *   Errors: -EINVAL loop or ret_lock is NULL; LOOP_ECLOSED; LOOP_EWRONGTHREAD; -ENOMEM
 *   asyncio: asyncio.Lock() */
BOUCLE_API int lock_new(loop_t *loop, lock_t **ret_lock);

/* lock_ref adds an owner of the lock; lock_unref removes one. To be an owner does not mean to have acquired it.
 *   Thread: any
 *   Errors: none; NULL is fine */
BOUCLE_API lock_t *lock_ref(lock_t *lock);
BOUCLE_API void lock_unref(lock_t *lock);

/* Returns 1 while the lock is acquired, else 0.
 *   Errors: none; 0 for NULL
 *   asyncio: lock.locked() */
BOUCLE_API int lock_locked(const lock_t *lock);

/* Makes a coroutine that acquires the lock, after the tasks that wait already. Its result is true.
 *   Ownership: keeps lock
 *   Errors: -EINVAL lock or ret_coroutine is NULL; LOOP_ECLOSED; LOOP_EWRONGTHREAD; -ENOMEM
 *   asyncio: lock.acquire() */
BOUCLE_API int lock_acquire(lock_t *lock, coroutine_t **ret_coroutine);

/* Acquires the lock, after the tasks that wait already. It is lock_acquire and await_take in one, for bodies of
 * loop_create_task.
 *   Ownership: keeps lock until this returns
 *   Thread: the loop's, inside a body or a function that it calls
 *   Errors: -EINVAL lock is NULL; LOOP_ENOTASK this is not inside a body; LOOP_EWRONGLOOP; -ENOMEM; LOOP_EEXCEPTION
 *       it failed, with MemoryError; LOOP_ECANCELLED this task was cancelled, see await_exception;
 *       LOOP_ENOTSUPPORTED the library was built without coroutines
 *   asyncio: await lock.acquire()
 *   Since: 0.4 */
BOUCLE_API int await_lock_acquire(lock_t *lock);

/* Releases the lock, no matter which task acquired it, and wakes the first task that waits.
 *   Errors: -EINVAL lock is NULL; LOOP_EWRONGTHREAD; LOOP_ENOTLOCKED it is not acquired
 *   asyncio: lock.release() */
BOUCLE_API int lock_release(lock_t *lock);

/* ---- event ---- */

/* Makes an event, which is not set.
 *   Errors: -EINVAL loop or ret_event is NULL; LOOP_ECLOSED; LOOP_EWRONGTHREAD; -ENOMEM
 *   asyncio: asyncio.Event() */
BOUCLE_API int event_new(loop_t *loop, event_t **ret_event);

/* event_ref adds an owner of the event; event_unref removes one.
 *   Thread: any
 *   Errors: none; NULL is fine */
BOUCLE_API event_t *event_ref(event_t *event);
BOUCLE_API void event_unref(event_t *event);

/* Returns 1 while the event is set, else 0.
 *   Errors: none; 0 for NULL
 *   asyncio: event.is_set() */
BOUCLE_API int event_is_set(const event_t *event);

/* Sets the event, and wakes all tasks that wait.
 *   Errors: -EINVAL event is NULL; LOOP_EWRONGTHREAD
 *   asyncio: event.set() */
BOUCLE_API int event_set(event_t *event);

/* Clears the event: a task that waits for it from now on waits until it is set again.
 *   Errors: -EINVAL event is NULL; LOOP_EWRONGTHREAD
 *   asyncio: event.clear() */
BOUCLE_API int event_clear(event_t *event);

/* Makes a coroutine that waits until the event is set. Its result is true.
 *   Ownership: keeps event
 *   Errors: -EINVAL event or ret_coroutine is NULL; LOOP_ECLOSED; LOOP_EWRONGTHREAD; -ENOMEM
 *   asyncio: event.wait() */
BOUCLE_API int event_wait(event_t *event, coroutine_t **ret_coroutine);

/* Waits until the event is set. It is event_wait and await_take in one, for bodies of loop_create_task.
 *   Ownership: keeps event until this returns
 *   Thread: the loop's, inside a body or a function that it calls
 *   Errors: -EINVAL event is NULL; LOOP_ENOTASK this is not inside a body; LOOP_EWRONGLOOP; -ENOMEM; LOOP_EEXCEPTION
 *       it failed, with MemoryError; LOOP_ECANCELLED this task was cancelled, see await_exception;
 *       LOOP_ENOTSUPPORTED the library was built without coroutines
 *   asyncio: await event.wait()
 *   Since: 0.4 */
BOUCLE_API int await_event_wait(event_t *event);

/* ---- condition ---- */

/* Makes a condition with that lock. lock may be NULL: then it makes a lock.
 *   Ownership: keeps lock
 *   Errors: -EINVAL loop or ret_condition is NULL; LOOP_EWRONGLOOP; LOOP_ECLOSED; LOOP_EWRONGTHREAD; -ENOMEM
 *   asyncio: asyncio.Condition(lock) */
BOUCLE_API int condition_new(loop_t *loop, lock_t *lock, condition_t **ret_condition);

/* condition_ref adds an owner of the condition; condition_unref removes one.
 *   Thread: any
 *   Errors: none; NULL is fine */
BOUCLE_API condition_t *condition_ref(condition_t *condition);
BOUCLE_API void condition_unref(condition_t *condition);

/* Returns the condition's lock, which must be acquired before waiting or notifying.
 *   Ownership: lends the lock
 *   Thread: any
 *   Errors: none; NULL for NULL
 *   asyncio: condition._lock */
BOUCLE_API lock_t *condition_lock(condition_t *condition);

/* Makes a coroutine that releases the lock, waits to be notified, and acquires the lock again, even if it is
 * cancelled. Its result is true; it fails with RuntimeError if the lock is not acquired.
 *   Ownership: keeps condition
 *   Errors: -EINVAL condition or ret_coroutine is NULL; LOOP_ECLOSED; LOOP_EWRONGTHREAD; -ENOMEM
 *   asyncio: condition.wait() */
BOUCLE_API int condition_wait(condition_t *condition, coroutine_t **ret_coroutine);

/* Releases the lock, waits to be notified, and acquires the lock again. It is condition_wait and await_take in one,
 * for bodies of loop_create_task.
 *   Ownership: keeps condition until this returns
 *   Thread: the loop's, inside a body or a function that it calls
 *   Errors: -EINVAL condition is NULL; LOOP_ENOTASK this is not inside a body; LOOP_EWRONGLOOP; -ENOMEM;
 *       LOOP_EEXCEPTION it failed, with RuntimeError or MemoryError; LOOP_ECANCELLED this task was cancelled, see
 *       await_exception; LOOP_ENOTSUPPORTED the library was built without coroutines
 *   asyncio: await condition.wait()
 *   Since: 0.4 */
BOUCLE_API int await_condition_wait(condition_t *condition);

/* Makes a coroutine that waits as condition_wait does, again and again, until the predicate returns non-zero. The
 * predicate is called with the lock acquired. The result is true.
 *   Ownership: keeps condition; takes the triple: destroy runs when the coroutine is destroyed
 *   Errors: -EINVAL condition, fn or ret_coroutine is NULL; LOOP_ECLOSED; LOOP_EWRONGTHREAD; -ENOMEM
 *   asyncio: condition.wait_for() */
BOUCLE_API int condition_wait_for(condition_t *condition, predicate_fn fn, void *userdata, destroy_fn destroy,
                                  coroutine_t **ret_coroutine);

/* Wakes the first `count` tasks that wait. They continue one after another, as each acquires the lock.
 *   Errors: -EINVAL condition is NULL; LOOP_EWRONGTHREAD; LOOP_ENOTLOCKED the lock is not acquired
 *   asyncio: condition.notify(n) */
BOUCLE_API int condition_notify(condition_t *condition, size_t count);

/* Wakes all tasks that wait.
 *   Errors: -EINVAL condition is NULL; LOOP_EWRONGTHREAD; LOOP_ENOTLOCKED the lock is not acquired
 *   asyncio: condition.notify_all() */
BOUCLE_API int condition_notify_all(condition_t *condition);

/* ---- semaphore ---- */

/* Makes a semaphore with `value` free places, and no upper bound.
 *   Errors: -EINVAL loop or ret_semaphore is NULL, or value is negative; LOOP_ECLOSED; LOOP_EWRONGTHREAD; -ENOMEM
 *   asyncio: asyncio.Semaphore(value) */
BOUCLE_API int semaphore_new(loop_t *loop, int64_t value, semaphore_t **ret_semaphore);

/* Makes a semaphore with `value` free places, which never has more.
 *   Errors: -EINVAL loop or ret_semaphore is NULL, or value is negative; LOOP_ECLOSED; LOOP_EWRONGTHREAD; -ENOMEM
 *   asyncio: asyncio.BoundedSemaphore(value) */
BOUCLE_API int semaphore_new_bounded(loop_t *loop, int64_t value, semaphore_t **ret_semaphore);

/* semaphore_ref adds an owner of the semaphore; semaphore_unref removes one. To be an owner does not mean to have
 * acquired it.
 *   Thread: any
 *   Errors: none; NULL is fine */
BOUCLE_API semaphore_t *semaphore_ref(semaphore_t *semaphore);
BOUCLE_API void semaphore_unref(semaphore_t *semaphore);

/* Returns 1 if the semaphore cannot be acquired at once, else 0.
 *   Errors: none; 0 for NULL
 *   asyncio: semaphore.locked() */
BOUCLE_API int semaphore_locked(const semaphore_t *semaphore);

/* Makes a coroutine that takes a place, after the tasks that wait already. Its result is true.
 *   Ownership: keeps semaphore
 *   Errors: -EINVAL semaphore or ret_coroutine is NULL; LOOP_ECLOSED; LOOP_EWRONGTHREAD; -ENOMEM
 *   asyncio: semaphore.acquire() */
BOUCLE_API int semaphore_acquire(semaphore_t *semaphore, coroutine_t **ret_coroutine);

/* Takes a place, after the tasks that wait already. It is semaphore_acquire and await_take in one, for bodies of
 * loop_create_task.
 *   Ownership: keeps semaphore until this returns
 *   Thread: the loop's, inside a body or a function that it calls
 *   Errors: -EINVAL semaphore is NULL; LOOP_ENOTASK this is not inside a body; LOOP_EWRONGLOOP; -ENOMEM;
 *       LOOP_EEXCEPTION it failed, with MemoryError; LOOP_ECANCELLED this task was cancelled, see await_exception;
 *       LOOP_ENOTSUPPORTED the library was built without coroutines
 *   asyncio: await semaphore.acquire()
 *   Since: 0.4 */
BOUCLE_API int await_semaphore_acquire(semaphore_t *semaphore);

/* Frees a place, no matter which task took it, and wakes the first task that waits.
 *   Errors: -EINVAL semaphore is NULL; LOOP_EWRONGTHREAD; LOOP_EOVERRELEASED it is bounded, and all of its places
 *       are free
 *   asyncio: semaphore.release() */
BOUCLE_API int semaphore_release(semaphore_t *semaphore);

/* ---- barrier ---- */

/* Makes a barrier at which `parties` tasks wait for each other.
 *   Errors: -EINVAL loop or ret_barrier is NULL, or parties is 0; LOOP_ECLOSED; LOOP_EWRONGTHREAD; -ENOMEM
 *   asyncio: asyncio.Barrier(parties) */
BOUCLE_API int barrier_new(loop_t *loop, size_t parties, barrier_t **ret_barrier);

/* barrier_ref adds an owner of the barrier; barrier_unref removes one.
 *   Thread: any
 *   Errors: none; NULL is fine */
BOUCLE_API barrier_t *barrier_ref(barrier_t *barrier);
BOUCLE_API void barrier_unref(barrier_t *barrier);

/* Returns how many tasks wait for each other.
 *   Errors: none; 0 for NULL
 *   asyncio: barrier.parties */
BOUCLE_API size_t barrier_parties(const barrier_t *barrier);

/* Returns how many tasks wait at the barrier now; 0 while they leave it.
 *   Errors: none; 0 for NULL
 *   asyncio: barrier.n_waiting */
BOUCLE_API size_t barrier_n_waiting(const barrier_t *barrier);

/* Returns 1 while the barrier is broken: from barrier_abort until barrier_reset; else 0.
 *   Errors: none; 0 for NULL
 *   asyncio: barrier.broken */
BOUCLE_API int barrier_broken(const barrier_t *barrier);

/* Makes a coroutine that waits until all parties are at the barrier. Its result is this task's index among them,
 * from 0. It fails with BrokenBarrierError if the barrier is broken, aborted or reset.
 *   Ownership: keeps barrier
 *   Errors: -EINVAL barrier or ret_coroutine is NULL; LOOP_ECLOSED; LOOP_EWRONGTHREAD; -ENOMEM
 *   asyncio: barrier.wait() */
BOUCLE_API int barrier_wait(barrier_t *barrier, coroutine_t **ret_coroutine);

/* Waits until all parties are at the barrier, and gets this task's index among them, from 0. It is barrier_wait and
 * await_take in one, for bodies of loop_create_task.
 *   Ownership: keeps barrier until this returns; *ret_value (ret_value may be NULL) is a new reference
 *   Thread: the loop's, inside a body or a function that it calls
 *   Errors: -EINVAL barrier is NULL; LOOP_ENOTASK this is not inside a body; LOOP_EWRONGLOOP; -ENOMEM;
 *       LOOP_EEXCEPTION it failed, with BrokenBarrierError or MemoryError; LOOP_ECANCELLED this task was cancelled,
 *       see await_exception; LOOP_ENOTSUPPORTED the library was built without coroutines
 *   asyncio: await barrier.wait()
 *   Since: 0.4 */
BOUCLE_API int await_barrier_wait(barrier_t *barrier, value_t **ret_value);

/* Makes a coroutine that makes the barrier as new. Tasks that wait at it fail with BrokenBarrierError. Its result is
 * nil.
 *   Ownership: keeps barrier
 *   Errors: -EINVAL barrier or ret_coroutine is NULL; LOOP_ECLOSED; LOOP_EWRONGTHREAD; -ENOMEM
 *   asyncio: barrier.reset() */
BOUCLE_API int barrier_reset(barrier_t *barrier, coroutine_t **ret_coroutine);

/* Makes a coroutine that breaks the barrier. Tasks that wait at it, now or later, fail with BrokenBarrierError. Its
 * result is nil.
 *   Ownership: keeps barrier
 *   Errors: -EINVAL barrier or ret_coroutine is NULL; LOOP_ECLOSED; LOOP_EWRONGTHREAD; -ENOMEM
 *   asyncio: barrier.abort() */
BOUCLE_API int barrier_abort(barrier_t *barrier, coroutine_t **ret_coroutine);

BOUCLE_END_DECLS

#endif
