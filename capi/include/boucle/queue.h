/* Queues: asyncio.Queue, LifoQueue and PriorityQueue, with shutdown as in Python 3.13. They are for tasks of one
 * loop, not for threads. An item is any value, including nil. */
#ifndef BOUCLE_QUEUE_H
#define BOUCLE_QUEUE_H

#include <boucle/base.h>

BOUCLE_BEGIN_DECLS

/* A queue of one of the three kinds. */
typedef struct boucle_queue queue_t;

/* Returns a negative number if left comes before right, a positive one if it comes after right, and 0 if they are
 * equal. Either may be NULL (nil). It is called on the loop's thread, from within a put or get, and must not use
 * that queue. */
typedef int (*compare_fn)(const value_t *left, const value_t *right, void *userdata);

/* Makes a queue, first in, first out, of at most `maxsize` items (0 means no limit).
 *   Errors: -EINVAL loop or ret_queue is NULL; LOOP_ECLOSED; LOOP_EWRONGTHREAD; -ENOMEM
 *   asyncio: asyncio.Queue(maxsize) */
BOUCLE_API int queue_new(loop_t *loop, size_t maxsize, queue_t **ret_queue);

/* Makes a queue, last in, first out, of at most `maxsize` items (0 means no limit).
 *   Errors: -EINVAL loop or ret_queue is NULL; LOOP_ECLOSED; LOOP_EWRONGTHREAD; -ENOMEM
 *   asyncio: asyncio.LifoQueue(maxsize) */
BOUCLE_API int queue_new_lifo(loop_t *loop, size_t maxsize, queue_t **ret_queue);

/* Makes a queue, the smallest item first, of at most `maxsize` items (0 means no limit). Items that are equal come
 * in any order.
 *
 * fn compares two items. It may be NULL: then numbers are compared by size, texts and bytes by their bytes, lists
 * item by item, and values of different kinds by their kind.
 *   Ownership: takes the triple: destroy runs when the queue is destroyed
 *   Errors: -EINVAL loop or ret_queue is NULL; LOOP_ECLOSED; LOOP_EWRONGTHREAD; -ENOMEM
 *   asyncio: asyncio.PriorityQueue(maxsize) */
BOUCLE_API int queue_new_priority(loop_t *loop, size_t maxsize, compare_fn fn, void *userdata, destroy_fn destroy,
                                  queue_t **ret_queue);

/* queue_ref adds an owner of the queue; queue_unref removes one. The last one removes the items too.
 *   Thread: any
 *   Errors: none; NULL is fine */
BOUCLE_API queue_t *queue_ref(queue_t *queue);
BOUCLE_API void queue_unref(queue_t *queue);

/* Returns how many items the queue holds at most; 0: no limit.
 *   Errors: none; 0 for NULL
 *   asyncio: queue.maxsize */
BOUCLE_API size_t queue_maxsize(const queue_t *queue);

/* Returns how many items the queue holds.
 *   Errors: none; 0 for NULL
 *   asyncio: queue.qsize() */
BOUCLE_API size_t queue_size(const queue_t *queue);

/* Returns 1 if the queue holds no item, else 0.
 *   Errors: none; 1 for NULL
 *   asyncio: queue.empty() */
BOUCLE_API int queue_empty(const queue_t *queue);

/* Returns 1 if the queue holds as many items as it can, else 0.
 *   Errors: none; 0 for NULL
 *   asyncio: queue.full() */
BOUCLE_API int queue_full(const queue_t *queue);

/* Makes a coroutine that puts the item as soon as there is room. Its result is nil; it fails with QueueShutDown.
 * value may be NULL (nil).
 *   Ownership: keeps queue and value
 *   Errors: -EINVAL queue or ret_coroutine is NULL; LOOP_ECLOSED; LOOP_EWRONGTHREAD; -ENOMEM
 *   asyncio: queue.put() */
BOUCLE_API int queue_put(queue_t *queue, value_t *value, coroutine_t **ret_coroutine);

/* Puts the item as soon as there is room. value may be NULL (nil). It is queue_put and await_take in one, for bodies
 * of loop_create_task.
 *   Ownership: keeps queue and value until then
 *   Thread: the loop's, inside a body or a function that it calls
 *   Errors: -EINVAL queue is NULL; LOOP_ENOTASK this is not inside a body; LOOP_EWRONGLOOP; -ENOMEM; LOOP_EEXCEPTION
 *       it failed, with QueueShutDown or MemoryError; LOOP_ECANCELLED this task was cancelled, see await_exception;
 *       LOOP_ENOTSUPPORTED the library was built without coroutines
 *   asyncio: await queue.put()
 *   Since: 0.4 */
BOUCLE_API int await_queue_put(queue_t *queue, value_t *value);

/* Puts the item now. value may be NULL (nil).
 *   Ownership: keeps value
 *   Errors: -EINVAL queue is NULL; LOOP_EWRONGTHREAD; LOOP_EQUEUESHUTDOWN it is shut down; LOOP_EQUEUEFULL it is
 *       full; LOOP_EBUSY the comparison function called it; -ENOMEM
 *   asyncio: queue.put_nowait() */
BOUCLE_API int queue_put_nowait(queue_t *queue, value_t *value);

/* Makes a coroutine that takes the next item as soon as there is one. Its result is the item; it fails with
 * QueueShutDown.
 *   Ownership: keeps queue
 *   Errors: -EINVAL queue or ret_coroutine is NULL; LOOP_ECLOSED; LOOP_EWRONGTHREAD; -ENOMEM
 *   asyncio: queue.get() */
BOUCLE_API int queue_get(queue_t *queue, coroutine_t **ret_coroutine);

/* Takes the next item as soon as there is one. It is queue_get and await_take in one, for bodies of
 * loop_create_task.
 *   Ownership: keeps queue until this returns; *ret_value (ret_value may be NULL) is a new reference
 *   Thread: the loop's, inside a body or a function that it calls
 *   Errors: -EINVAL queue is NULL; LOOP_ENOTASK this is not inside a body; LOOP_EWRONGLOOP; -ENOMEM; LOOP_EEXCEPTION
 *       it failed, with QueueShutDown or MemoryError; LOOP_ECANCELLED this task was cancelled, see await_exception;
 *       LOOP_ENOTSUPPORTED the library was built without coroutines
 *   asyncio: await queue.get()
 *   Since: 0.4 */
BOUCLE_API int await_queue_get(queue_t *queue, value_t **ret_value);

/* Takes the next item now.
 *   Errors: -EINVAL queue or ret_value is NULL; LOOP_EWRONGTHREAD; LOOP_EQUEUEEMPTY it is empty; LOOP_EQUEUESHUTDOWN
 *       it is empty and shut down; LOOP_EBUSY the comparison function called it
 *   asyncio: queue.get_nowait() */
BOUCLE_API int queue_get_nowait(queue_t *queue, value_t **ret_value);

/* Marks one item that was taken as done.
 *   Errors: -EINVAL queue is NULL; LOOP_EWRONGTHREAD; LOOP_EOVERRELEASED every item that was put is marked already;
 *       LOOP_EBUSY the comparison function called it
 *   asyncio: queue.task_done() */
BOUCLE_API int queue_task_done(queue_t *queue);

/* Makes a coroutine that waits until every item that was put is marked as done. Its result is nil.
 *   Ownership: keeps queue
 *   Errors: -EINVAL queue or ret_coroutine is NULL; LOOP_ECLOSED; LOOP_EWRONGTHREAD; -ENOMEM
 *   asyncio: queue.join() */
BOUCLE_API int queue_join(queue_t *queue, coroutine_t **ret_coroutine);

/* Waits until every item that was put is marked as done. It is queue_join and await_take in one, for bodies of
 * loop_create_task.
 *   Ownership: keeps queue until this returns
 *   Thread: the loop's, inside a body or a function that it calls
 *   Errors: -EINVAL queue is NULL; LOOP_ENOTASK this is not inside a body; LOOP_EWRONGLOOP; -ENOMEM; LOOP_EEXCEPTION
 *       it failed, with MemoryError; LOOP_ECANCELLED this task was cancelled, see await_exception;
 *       LOOP_ENOTSUPPORTED the library was built without coroutines
 *   asyncio: await queue.join()
 *   Since: 0.4 */
BOUCLE_API int await_queue_join(queue_t *queue);

/* Refuses puts from now on, and gets once the queue is empty. If `immediate` is not 0, it empties the queue now, and
 * marks those items as done.
 *   Errors: -EINVAL queue is NULL; LOOP_EWRONGTHREAD; LOOP_EBUSY the comparison function called it
 *   asyncio: queue.shutdown(immediate) */
BOUCLE_API int queue_shutdown(queue_t *queue, int immediate);

BOUCLE_END_DECLS

#endif
