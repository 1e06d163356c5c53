/* Locks, events, conditions, semaphores, barriers: asyncio's, fair in asyncio's way. They are for tasks of one loop, not
 * for threads.
 *
 * Errors of all functions that make something: -EINVAL, LOOP_ECLOSED, LOOP_EWRONGTHREAD, -ENOMEM. */
#ifndef BOUCLE_SYNC_H
#define BOUCLE_SYNC_H

#include <boucle/base.h>

BOUCLE_BEGIN_DECLS

typedef struct lock lock_t;
typedef struct event event_t;
typedef struct condition condition_t;
typedef struct semaphore semaphore_t;
typedef struct barrier barrier_t;

/* Returns non-zero when the condition holds. */
typedef int (*predicate_fn)(void *userdata);

/* asyncio.Lock() */
BOUCLE_API int lock_new(loop_t *loop, lock_t **ret_lock);
BOUCLE_API lock_t *lock_ref(lock_t *lock);
BOUCLE_API void lock_unref(lock_t *lock);
BOUCLE_API int lock_locked(const lock_t *lock);
/* A coroutine; its result is true. */
BOUCLE_API int lock_acquire(lock_t *lock, coroutine_t **ret_coroutine);
/* Errors: LOOP_ENOTLOCKED. */
BOUCLE_API int lock_release(lock_t *lock);

/* asyncio.Event() */
BOUCLE_API int event_new(loop_t *loop, event_t **ret_event);
BOUCLE_API event_t *event_ref(event_t *event);
BOUCLE_API void event_unref(event_t *event);
BOUCLE_API int event_is_set(const event_t *event);
BOUCLE_API int event_set(event_t *event);
BOUCLE_API int event_clear(event_t *event);
/* A coroutine; its result is true. */
BOUCLE_API int event_wait(event_t *event, coroutine_t **ret_coroutine);

/* lock may be NULL: then the condition makes one. */
BOUCLE_API int condition_new(loop_t *loop, lock_t *lock, condition_t **ret_condition);
BOUCLE_API condition_t *condition_ref(condition_t *condition);
BOUCLE_API void condition_unref(condition_t *condition);
/* Lends its lock. */
BOUCLE_API lock_t *condition_lock(condition_t *condition);
/* A coroutine; its result is true. It fails with RuntimeError if the lock is not acquired. */
BOUCLE_API int condition_wait(condition_t *condition, coroutine_t **ret_coroutine);
/* A coroutine that waits until the predicate, called with userdata with the lock held, is non-zero; its result is that
 * value. destroy runs when the coroutine goes. */
BOUCLE_API int condition_wait_for(condition_t *condition, predicate_fn fn, void *userdata, destroy_fn destroy,
                                  coroutine_t **ret_coroutine);
/* Errors: LOOP_ENOTLOCKED. */
BOUCLE_API int condition_notify(condition_t *condition, size_t count);
BOUCLE_API int condition_notify_all(condition_t *condition);

/* asyncio.Semaphore(value); value >= 0. */
BOUCLE_API int semaphore_new(loop_t *loop, int64_t value, semaphore_t **ret_semaphore);
/* One whose release fails with LOOP_EOVERRELEASED above its initial value. */
BOUCLE_API int semaphore_new_bounded(loop_t *loop, int64_t value, semaphore_t **ret_semaphore);
BOUCLE_API semaphore_t *semaphore_ref(semaphore_t *semaphore);
BOUCLE_API void semaphore_unref(semaphore_t *semaphore);
/* 1 if it cannot be acquired at once. */
BOUCLE_API int semaphore_locked(const semaphore_t *semaphore);
/* A coroutine; its result is true. */
BOUCLE_API int semaphore_acquire(semaphore_t *semaphore, coroutine_t **ret_coroutine);
BOUCLE_API int semaphore_release(semaphore_t *semaphore);

/* parties >= 1. */
BOUCLE_API int barrier_new(loop_t *loop, size_t parties, barrier_t **ret_barrier);
BOUCLE_API barrier_t *barrier_ref(barrier_t *barrier);
BOUCLE_API void barrier_unref(barrier_t *barrier);
BOUCLE_API size_t barrier_parties(const barrier_t *barrier);
BOUCLE_API size_t barrier_n_waiting(const barrier_t *barrier);
BOUCLE_API int barrier_broken(const barrier_t *barrier);
/* A coroutine; its result is this task's index among the parties; or BrokenBarrierError. */
BOUCLE_API int barrier_wait(barrier_t *barrier, coroutine_t **ret_coroutine);
/* Coroutines. */
BOUCLE_API int barrier_reset(barrier_t *barrier, coroutine_t **ret_coroutine);
BOUCLE_API int barrier_abort(barrier_t *barrier, coroutine_t **ret_coroutine);

BOUCLE_END_DECLS

#endif
