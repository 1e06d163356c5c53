/* Queues: asyncio.Queue, LifoQueue, PriorityQueue, with shutdown as in Python 3.13. maxsize 0: unbounded.
 *
 * Errors of all functions that make something: -EINVAL, LOOP_ECLOSED, LOOP_EWRONGTHREAD, -ENOMEM. */
#ifndef BOUCLE_QUEUE_H
#define BOUCLE_QUEUE_H

#include <boucle/base.h>

BOUCLE_BEGIN_DECLS

typedef struct queue queue_t;

/* Negative, 0 or positive: left comes before, with, or after right. Either may be NULL (nil). */
typedef int (*compare_fn)(const value_t *left, const value_t *right, void *userdata);

/* First in, first out. asyncio.Queue(), asyncio.LifoQueue() */
BOUCLE_API int queue_new(loop_t *loop, size_t maxsize, queue_t **ret_queue);
BOUCLE_API int queue_new_lifo(loop_t *loop, size_t maxsize, queue_t **ret_queue);
/* The smallest first; equal ones in any order, as heapq does it. fn NULL: numbers by size, texts and bytes by their
 * bytes, lists item by item; values of different kinds by their kind. */
BOUCLE_API int queue_new_priority(loop_t *loop, size_t maxsize, compare_fn fn, void *userdata, destroy_fn destroy,
                                  queue_t **ret_queue);
BOUCLE_API queue_t *queue_ref(queue_t *queue);
BOUCLE_API void queue_unref(queue_t *queue);
BOUCLE_API size_t queue_maxsize(const queue_t *queue);
BOUCLE_API size_t queue_size(const queue_t *queue);
BOUCLE_API int queue_empty(const queue_t *queue);
BOUCLE_API int queue_full(const queue_t *queue);
/* A coroutine; keeps a reference to the value. */
BOUCLE_API int queue_put(queue_t *queue, value_t *value, coroutine_t **ret_coroutine);
/* Errors: LOOP_EQUEUEFULL, LOOP_EQUEUESHUTDOWN, -ENOMEM. */
BOUCLE_API int queue_put_nowait(queue_t *queue, value_t *value);
/* A coroutine; its result is the item. */
BOUCLE_API int queue_get(queue_t *queue, coroutine_t **ret_coroutine);
/* Errors: LOOP_EQUEUEEMPTY, LOOP_EQUEUESHUTDOWN. */
BOUCLE_API int queue_get_nowait(queue_t *queue, value_t **ret_value);
/* Errors: LOOP_EOVERRELEASED. */
BOUCLE_API int queue_task_done(queue_t *queue);
/* A coroutine that waits until each item that was put has been marked as done. */
BOUCLE_API int queue_join(queue_t *queue, coroutine_t **ret_coroutine);
/* Refuses puts from now on, and gets once it is empty; immediate: empties it too. asyncio: queue.shutdown() */
BOUCLE_API int queue_shutdown(queue_t *queue, int immediate);

BOUCLE_END_DECLS

#endif
