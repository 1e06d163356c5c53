/* Locks, events, conditions, semaphores, barriers, queues. */
#include "machine.h"

/* A function that makes a coroutine of an object. */
#define COROUTINE_OP(name, draw)                           \
  OP(name) {                                               \
    OUT(coroutine_t);                                      \
    keep(COROUTINE, name(draw(), ret), ret, &made);        \
  }
/* One that makes an object of a loop. */
#define NEW_OP(name, KIND, type)                           \
  OP(name) {                                               \
    OUT(type);                                             \
    keep(KIND, name(draw_loop(), ret), ret, &made);        \
  }
#define REF_OPS(prefix, KIND, draw)                        \
  OP(prefix##_ref) { put(KIND, prefix##_ref(draw())); } \
  OP(prefix##_unref) { drop_slot(KIND, number(0, SLOTS - 1)); }

NEW_OP(lock_new, LOCK, lock_t)
REF_OPS(lock, LOCK, draw_lock)
OP(lock_locked) { (void)lock_locked(draw_lock()); }
COROUTINE_OP(lock_acquire, draw_lock)
OP(lock_release) { lock_release(draw_lock()); }

NEW_OP(event_new, EVENT, event_t)
REF_OPS(event, EVENT, draw_event)
OP(event_is_set) { (void)event_is_set(draw_event()); }
OP(event_set) { event_set(draw_event()); }
OP(event_clear) { event_clear(draw_event()); }
COROUTINE_OP(event_wait, draw_event)

OP(condition_new) {
  OUT(condition_t);
  keep(CONDITION, condition_new(draw_loop(), draw_lock(), ret), ret, &made);
}
REF_OPS(condition, CONDITION, draw_condition)
OP(condition_lock) { put(LOCK, lock_ref(condition_lock(draw_condition()))); }
COROUTINE_OP(condition_wait, draw_condition)
OP(condition_wait_for) {
  struct triple *triple = new_triple(PREDICATE);
  OUT(coroutine_t);
  predicate_fn fn = chance(3) ? NULL : on_predicate;
  int status = condition_wait_for(draw_condition(), fn, triple, draw_destroy(triple), ret);
  settle(triple, keep(COROUTINE, status, ret, &made));
}
OP(condition_notify) { condition_notify(draw_condition(), (size_t)number(-1, 3)); }
OP(condition_notify_all) { condition_notify_all(draw_condition()); }

OP(semaphore_new) {
  OUT(semaphore_t);
  keep(SEMAPHORE, semaphore_new(draw_loop(), number(-1, 2), ret), ret, &made);
}
OP(semaphore_new_bounded) {
  OUT(semaphore_t);
  keep(SEMAPHORE, semaphore_new_bounded(draw_loop(), number(-1, 2), ret), ret, &made);
}
REF_OPS(semaphore, SEMAPHORE, draw_semaphore)
OP(semaphore_locked) { (void)semaphore_locked(draw_semaphore()); }
COROUTINE_OP(semaphore_acquire, draw_semaphore)
OP(semaphore_release) { semaphore_release(draw_semaphore()); }

OP(barrier_new) {
  OUT(barrier_t);
  keep(BARRIER, barrier_new(draw_loop(), (size_t)number(0, 3), ret), ret, &made);
}
REF_OPS(barrier, BARRIER, draw_barrier)
OP(barrier_parties) { (void)barrier_parties(draw_barrier()); }
OP(barrier_n_waiting) {
  barrier_t *barrier = draw_barrier();
  if (barrier_n_waiting(barrier) > barrier_parties(barrier)) finding("more wait at a barrier than there are parties");
}
OP(barrier_broken) { (void)barrier_broken(draw_barrier()); }
COROUTINE_OP(barrier_wait, draw_barrier)
COROUTINE_OP(barrier_reset, draw_barrier)
COROUTINE_OP(barrier_abort, draw_barrier)

OP(queue_new) {
  OUT(queue_t);
  keep(QUEUE, queue_new(draw_loop(), (size_t)number(0, 3), ret), ret, &made);
}
OP(queue_new_lifo) {
  OUT(queue_t);
  keep(QUEUE, queue_new_lifo(draw_loop(), (size_t)number(0, 3), ret), ret, &made);
}
OP(queue_new_priority) {
  struct triple *triple = new_triple(COMPARE);
  OUT(queue_t);
  compare_fn fn = chance(50) ? NULL : on_compare;
  int status = queue_new_priority(draw_loop(), (size_t)number(0, 3), fn, triple, draw_destroy(triple), ret);
  settle(triple, keep(QUEUE, status, ret, &made));
}
REF_OPS(queue, QUEUE, draw_queue)
OP(queue_maxsize) { (void)queue_maxsize(draw_queue()); }
OP(queue_size) {
  queue_t *queue = draw_queue();
  if (queue_maxsize(queue) && queue_size(queue) > queue_maxsize(queue)) finding("a queue holds more than it can");
}
OP(queue_empty) {
  queue_t *queue = draw_queue();
  if (queue_empty(queue) != (queue_size(queue) == 0)) finding("an empty queue has a size");
}
OP(queue_full) { (void)queue_full(draw_queue()); }
OP(queue_put) {
  OUT(coroutine_t);
  keep(COROUTINE, queue_put(draw_queue(), draw_value(), ret), ret, &made);
}
OP(queue_put_nowait) { queue_put_nowait(draw_queue(), draw_value()); }
COROUTINE_OP(queue_get, draw_queue)
OP(queue_get_nowait) {
  OUT(value_t);
  keep(VALUE, queue_get_nowait(draw_queue(), ret), ret, &made);
}
OP(queue_task_done) { queue_task_done(draw_queue()); }
COROUTINE_OP(queue_join, draw_queue)
OP(queue_shutdown) { queue_shutdown(draw_queue(), number(0, 1)); }

/* ---- in a body: what the thing is may go meanwhile ---- */

#define AWAIT_OP(name, call)  \
  OP(name) {                  \
    struct frame *me;         \
    wait_in_body(&me);        \
    call;                     \
    wake_in_body(me);         \
  }
#define AWAIT_VALUE_OP(name, draw)   \
  OP(name) {                         \
    struct frame *me;                \
    OUT(value_t);                    \
    int status;                      \
    wait_in_body(&me);               \
    status = name(draw(), ret);      \
    wake_in_body(me);                \
    keep(VALUE, status, ret, &made); \
  }
AWAIT_OP(await_lock_acquire, await_lock_acquire(draw_lock()))
AWAIT_OP(await_event_wait, await_event_wait(draw_event()))
AWAIT_OP(await_condition_wait, await_condition_wait(draw_condition()))
AWAIT_OP(await_semaphore_acquire, await_semaphore_acquire(draw_semaphore()))
AWAIT_VALUE_OP(await_barrier_wait, draw_barrier)
AWAIT_OP(await_queue_put, await_queue_put(draw_queue(), draw_value()))
AWAIT_VALUE_OP(await_queue_get, draw_queue)
AWAIT_OP(await_queue_join, await_queue_join(draw_queue()))
