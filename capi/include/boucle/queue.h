/* Queues: asyncio.Queue, LifoQueue, PriorityQueue, with shutdown as in Python 3.13. They are for tasks of one loop, not
 * for threads. An item is any value, nil too. */
#ifndef BOUCLE_QUEUE_H
#define BOUCLE_QUEUE_H

#include <boucle/base.h>

BOUCLE_BEGIN_DECLS

/* A queue of any of the three kinds. */
typedef struct boucle_queue queue_t;

/* Negative, 0 or positive: left comes before, with, or after right. Either may be NULL (nil). Called on the loop's
 * thread, from within a put or get: it must leave that queue alone. */
typedef int (*compare_fn)(const value_t *left, const value_t *right, void *userdata);

/* A queue, first in, first out, of at most `maxsize` items (0: unbounded).
 *   Errors: -EINVAL loop or ret_queue is NULL; LOOP_ECLOSED; LOOP_EWRONGTHREAD; -ENOMEM
 *   asyncio: asyncio.Queue(maxsize) */
BOUCLE_API int queue_new(loop_t *loop, size_t maxsize, queue_t **ret_queue);

/* A queue, last in, first out, of at most `maxsize` items (0: unbounded).
 *   Errors: -EINVAL loop or ret_queue is NULL; LOOP_ECLOSED; LOOP_EWRONGTHREAD; -ENOMEM
 *   asyncio: asyncio.LifoQueue(maxsize) */
BOUCLE_API int queue_new_lifo(loop_t *loop, size_t maxsize, queue_t **ret_queue);

/* A queue, the smallest first, of at most `maxsize` items (0: unbounded); equal ones in any order.
 *
 * fn may be NULL: numbers by size, texts and bytes by their bytes, lists item by item; values of different kinds by
 * their kind.
 *   Ownership: takes the triple: destroy runs when the queue goes
 *   Errors: -EINVAL loop or ret_queue is NULL; LOOP_ECLOSED; LOOP_EWRONGTHREAD; -ENOMEM
 *   asyncio: asyncio.PriorityQueue(maxsize) */
BOUCLE_API int queue_new_priority(loop_t *loop, size_t maxsize, compare_fn fn, void *userdata, destroy_fn destroy,
                                  queue_t **ret_queue);

/* One more owner of the queue, and one less. Its items go with it.
 *   Thread: any
 *   Errors: none; NULL is fine */
BOUCLE_API queue_t *queue_ref(queue_t *queue);
BOUCLE_API void queue_unref(queue_t *queue);

/* The most items that it holds; 0: unbounded.
 *   Errors: none; 0 for NULL
 *   asyncio: queue.maxsize */
BOUCLE_API size_t queue_maxsize(const queue_t *queue);

/* How many items it holds.
 *   Errors: none; 0 for NULL
 *   asyncio: queue.qsize() */
BOUCLE_API size_t queue_size(const queue_t *queue);

/* 1 if it holds none, else 0.
 *   Errors: none; 1 for NULL
 *   asyncio: queue.empty() */
BOUCLE_API int queue_empty(const queue_t *queue);

/* 1 if it holds as many as it can, else 0.
 *   Errors: none; 0 for NULL
 *   asyncio: queue.full() */
BOUCLE_API int queue_full(const queue_t *queue);

/* A coroutine that puts the item, as soon as there is room. Its result is nil; it fails with QueueShutDown. value may
 * be NULL (nil).
 *   Ownership: keeps queue and value
 *   Errors: -EINVAL queue or ret_coroutine is NULL; LOOP_ECLOSED; LOOP_EWRONGTHREAD; -ENOMEM
 *   asyncio: queue.put() */
BOUCLE_API int queue_put(queue_t *queue, value_t *value, coroutine_t **ret_coroutine);

/* Puts the item, as soon as there is room: queue_put and await_take in one, for bodies of loop_create_task. value may
 * be NULL (nil).
 *   Ownership: keeps queue and value until then
 *   Thread: the loop's, inside a body or what it calls
 *   Errors: -EINVAL queue is NULL; LOOP_ENOTASK not inside a body; LOOP_EWRONGLOOP; -ENOMEM; LOOP_EEXCEPTION it failed
 *       (QueueShutDown, MemoryError); LOOP_ECANCELLED this task was cancelled (await_exception has the exception);
 *       LOOP_ENOTSUPPORTED built without coroutines
 *   asyncio: await queue.put()
 *   Since: 0.4 */
BOUCLE_API int await_queue_put(queue_t *queue, value_t *value);

/* Puts the item now. value may be NULL (nil).
 *   Ownership: keeps value
 *   Errors: -EINVAL queue is NULL; LOOP_EWRONGTHREAD; LOOP_EQUEUESHUTDOWN it is shut down; LOOP_EQUEUEFULL it is full;
 *       LOOP_EBUSY called by the comparison function; -ENOMEM
 *   asyncio: queue.put_nowait() */
BOUCLE_API int queue_put_nowait(queue_t *queue, value_t *value);

/* A coroutine that takes the next item, as soon as there is one. Its result is the item; it fails with QueueShutDown.
 *   Ownership: keeps queue
 *   Errors: -EINVAL queue or ret_coroutine is NULL; LOOP_ECLOSED; LOOP_EWRONGTHREAD; -ENOMEM
 *   asyncio: queue.get() */
BOUCLE_API int queue_get(queue_t *queue, coroutine_t **ret_coroutine);

/* Takes the next item, as soon as there is one: queue_get and await_take in one, for bodies of loop_create_task.
 *   Ownership: keeps queue until then; *ret_value (ret_value may be NULL) is a new reference
 *   Thread: the loop's, inside a body or what it calls
 *   Errors: -EINVAL queue is NULL; LOOP_ENOTASK not inside a body; LOOP_EWRONGLOOP; -ENOMEM; LOOP_EEXCEPTION it failed
 *       (QueueShutDown, MemoryError); LOOP_ECANCELLED this task was cancelled (await_exception has the exception);
 *       LOOP_ENOTSUPPORTED built without coroutines
 *   asyncio: await queue.get()
 *   Since: 0.4 */
BOUCLE_API int await_queue_get(queue_t *queue, value_t **ret_value);

/* Takes the next item now.
 *   Errors: -EINVAL queue or ret_value is NULL; LOOP_EWRONGTHREAD; LOOP_EQUEUEEMPTY it is empty;
 *       LOOP_EQUEUESHUTDOWN it is empty, and shut down; LOOP_EBUSY called by the comparison function
 *   asyncio: queue.get_nowait() */
BOUCLE_API int queue_get_nowait(queue_t *queue, value_t **ret_value);

/* Marks one item that was taken as done.
 *   Errors: -EINVAL queue is NULL; LOOP_EWRONGTHREAD; LOOP_EOVERRELEASED all that was put has been marked;
 *       LOOP_EBUSY called by the comparison function
 *   asyncio: queue.task_done() */
BOUCLE_API int queue_task_done(queue_t *queue);

/* A coroutine that waits until each item that was put has been marked as done. Its result is nil.
 *   Ownership: keeps queue
 *   Errors: -EINVAL queue or ret_coroutine is NULL; LOOP_ECLOSED; LOOP_EWRONGTHREAD; -ENOMEM
 *   asyncio: queue.join() */
BOUCLE_API int queue_join(queue_t *queue, coroutine_t **ret_coroutine);

/* Waits until each item that was put has been marked as done: queue_join and await_take in one, for bodies of
 * loop_create_task.
 *   Ownership: keeps queue until then
 *   Thread: the loop's, inside a body or what it calls
 *   Errors: -EINVAL queue is NULL; LOOP_ENOTASK not inside a body; LOOP_EWRONGLOOP; -ENOMEM; LOOP_EEXCEPTION it failed
 *       (MemoryError); LOOP_ECANCELLED this task was cancelled (await_exception has the exception); LOOP_ENOTSUPPORTED
 *       built without coroutines
 *   asyncio: await queue.join()
 *   Since: 0.4 */
BOUCLE_API int await_queue_join(queue_t *queue);

/* Refuses puts from now on, and gets once it is empty; immediate: empties it now, and marks those items as done.
 *   Errors: -EINVAL queue is NULL; LOOP_EWRONGTHREAD; LOOP_EBUSY called by the comparison function
 *   asyncio: queue.shutdown(immediate) */
BOUCLE_API int queue_shutdown(queue_t *queue, int immediate);

BOUCLE_END_DECLS

#endif
