#include "boundary.hpp"

namespace {
int make(loop_t *loop, size_t maxsize, Queue::Order order, compare_fn fn, Userdata userdata,
         queue_t **ret_queue) noexcept {
  if (!ret_queue) return status::INVALID;
  if (Status s = check_open(loop)) return s;
  Queue *queue = Queue::make(*unwrap(loop), maxsize, order, function_cast<CompareFn>(fn), std::move(userdata));
  return give(Ref<Queue>::adopt(queue), ret_queue);
}
}  // namespace

int queue_new(loop_t *loop, size_t maxsize, queue_t **ret_queue) {
  return make(loop, maxsize, Queue::Order::Fifo, nullptr, Userdata(), ret_queue);
}
int queue_new_lifo(loop_t *loop, size_t maxsize, queue_t **ret_queue) {
  return make(loop, maxsize, Queue::Order::Lifo, nullptr, Userdata(), ret_queue);
}
int queue_new_priority(loop_t *loop, size_t maxsize, compare_fn fn, void *userdata, destroy_fn destroy,
                       queue_t **ret_queue) {
  return make(loop, maxsize, Queue::Order::Priority, fn, Userdata(userdata, destroy), ret_queue);
}
queue_t *queue_ref(queue_t *queue) { return ref(queue); }
void queue_unref(queue_t *queue) { unref(queue); }

size_t queue_maxsize(const queue_t *queue) { return queue ? unwrap(queue)->maxsize() : 0; }
size_t queue_size(const queue_t *queue) { return queue ? unwrap(queue)->size() : 0; }
int queue_empty(const queue_t *queue) { return queue_size(queue) == 0; }
int queue_full(const queue_t *queue) { return queue && unwrap(queue)->full(); }

int queue_put(queue_t *queue, value_t *value, coroutine_t **ret_coroutine) {
  if (!ret_coroutine) return status::INVALID;
  if (Status s = check_open(queue)) return s;
  Queue &q = *unwrap(queue);
  return give(async_put(q.loop(), Local<Queue>(&q), Ref<Value>(unwrap(value))), ret_coroutine);
}

int await_queue_put(queue_t *queue, value_t *value) {
  return await_async(queue, nullptr, [&](Loop &loop, Local<Queue> q) {
    return async_put(loop, std::move(q), Ref<Value>(unwrap(value)));
  });
}

int queue_put_nowait(queue_t *queue, value_t *value) {
  if (Status s = check(queue)) return s;
  return unwrap(queue)->put_nowait(Ref<Value>(unwrap(value)));
}

int queue_get(queue_t *queue, coroutine_t **ret_coroutine) {
  if (!ret_coroutine) return status::INVALID;
  if (Status s = check_open(queue)) return s;
  Queue &q = *unwrap(queue);
  return give(async_get(q.loop(), Local<Queue>(&q)), ret_coroutine);
}

int await_queue_get(queue_t *queue, value_t **ret_value) {
  return await_async(queue, ret_value, [](Loop &loop, Local<Queue> q) { return async_get(loop, std::move(q)); });
}

int queue_get_nowait(queue_t *queue, value_t **ret_value) {
  if (!ret_value) return status::INVALID;
  if (Status s = check(queue)) return s;
  Ref<Value> value;
  if (Status s = unwrap(queue)->get_nowait(value)) return s;
  return give_value(std::move(value), ret_value);
}

int queue_task_done(queue_t *queue) {
  if (Status s = check(queue)) return s;
  return unwrap(queue)->task_done();
}

int queue_join(queue_t *queue, coroutine_t **ret_coroutine) {
  if (!ret_coroutine) return status::INVALID;
  if (Status s = check_open(queue)) return s;
  Queue &q = *unwrap(queue);
  return give(async_join(q.loop(), Local<Queue>(&q)), ret_coroutine);
}

int await_queue_join(queue_t *queue) {
  return await_async(queue, nullptr, [](Loop &loop, Local<Queue> q) { return async_join(loop, std::move(q)); });
}

int queue_shutdown(queue_t *queue, int immediate) {
  if (Status s = check(queue)) return s;
  return unwrap(queue)->shutdown(immediate != 0);
}
