#include "async/sync.hpp"

namespace boucle {
namespace {
Ref<Value> yes() noexcept { return Value::boolean(true); }
}  // namespace

// ---- Lock ----

Async async_acquire(Loop &loop, Local<Lock> lock) noexcept {
  if (!lock->locked_ && lock->waiters_.all_cancelled()) {
    lock->locked_ = true;
    co_return yes();
  }
  Local<Waiter> waiter = lock->waiters_.add(loop);
  if (!waiter) co_return Exception::no_memory();
  Outcome outcome = co_await result_of(*waiter);
  lock->waiters_.remove(*waiter);
  if (outcome.failed()) {
    if (!lock->locked_) lock->wake_first();
    co_return outcome;
  }
  lock->locked_ = true;
  co_return yes();
}

Status Lock::release_lock() noexcept {
  if (!locked_) return status::NOTLOCKED;
  locked_ = false;
  wake_first();
  return 0;
}

void Lock::wake_first() noexcept {
  Waiter *first = waiters_.first();
  if (first && !first->done()) first->set_result(yes());
}

// ---- Event ----

Async async_wait_event(Loop &loop, Local<Event> event) noexcept {
  if (event->set_) co_return yes();
  Local<Waiter> waiter = event->waiters_.add(loop);
  if (!waiter) co_return Exception::no_memory();
  Outcome outcome = co_await result_of(*waiter);
  event->waiters_.remove(*waiter);
  if (outcome.failed()) co_return outcome;
  co_return yes();
}

void Event::set() noexcept {
  if (std::exchange(set_, true)) return;
  while (Waiter *waiter = waiters_.next_pending()) {
    if (waiter->set_result(yes())) return;
  }
}

// ---- Condition ----

Condition *Condition::make(Loop &loop, Lock *lock) noexcept {
  auto kept = lock ? Ref<Lock>(lock) : Ref<Lock>::adopt(loop.heap.make<Lock>());
  return kept ? loop.heap.make<Condition>(Local<Lock>(kept.get())) : nullptr;
}

// Ends with the lock acquired, also if it is cancelled.
Async async_wait_condition(Loop &loop, Local<Condition> condition) noexcept {
  Local<Lock> lock(&condition->lock());
  if (!lock->locked()) co_return Exception::make_or_no_memory("RuntimeError", "cannot wait on un-acquired lock");
  Local<Waiter> waiter = condition->waiters_.add(loop);
  if (!waiter) co_return Exception::no_memory();
  lock->release_lock();
  Outcome outcome = co_await result_of(*waiter);
  condition->waiters_.remove(*waiter);
  bool cancelled = false;
  for (;;) {
    Local<Coroutine> acquire = async_acquire(loop, lock).take();
    Outcome acquired = co_await result_of(acquire);
    if (!acquired.failed()) break;
    if (!acquired.cancelled()) co_return acquired;
    cancelled = true;
  }
  // As in CPython 3.11, the message is lost if it is cancelled while it reacquires the lock.
  if (cancelled) co_return Exception::cancelled();
  if (outcome.failed()) co_return outcome;
  co_return yes();
}

Async async_wait_condition_for(Loop &loop, Local<Condition> condition, PredicateFn fn, Userdata userdata) noexcept {
  while (!fn(userdata.get())) {
    Local<Coroutine> wait = async_wait_condition(loop, condition).take();
    Outcome outcome = co_await result_of(wait);
    if (outcome.failed()) co_return outcome;
  }
  co_return yes();
}

Status Condition::notify(size_t count) noexcept {
  if (!lock_->locked()) return status::NOTLOCKED;
  for (; count > 0; --count) {
    Waiter *waiter = waiters_.next_pending();
    if (!waiter || waiter->set_result(Value::boolean(false))) break;
  }
  return 0;
}

// ---- Semaphore ----

Async async_acquire(Loop &loop, Local<Semaphore> semaphore) noexcept {
  if (!semaphore->locked()) {
    --semaphore->value_;
    co_return yes();
  }
  Local<Waiter> waiter = semaphore->waiters_.add(loop);
  if (!waiter) co_return Exception::no_memory();
  Outcome outcome = co_await result_of(*waiter);
  semaphore->waiters_.remove(*waiter);
  if (outcome.failed()) {
    if (!waiter->cancelled()) {
      ++semaphore->value_;
      semaphore->wake_next();
    }
    co_return outcome;
  }
  if (semaphore->value_ > 0) semaphore->wake_next();
  co_return yes();
}

Status Semaphore::release_one() noexcept {
  if (bound_ != kUnbounded && value_ >= bound_) return status::OVERRELEASED;
  ++value_;
  wake_next();
  return 0;
}

void Semaphore::wake_next() noexcept {
  Waiter *waiter = waiters_.next_pending();
  if (waiter && waiter->set_result(yes()) == 0) --value_;
}

// ---- Barrier ----

Barrier *Barrier::make(Loop &loop, size_t parties) noexcept {
  auto condition = Ref<Condition>::adopt(Condition::make(loop, nullptr));
  return condition ? loop.heap.make<Barrier>(parties, Local<Condition>(condition.get())) : nullptr;
}

void Barrier::leave() noexcept {
  if (--count_ > 0) return;
  if (busy()) state_ = State::Filling;
  notify_all();
}

// With the condition's lock held.
Async async_cross(Loop &loop, Local<Barrier> barrier) noexcept {
  using State = Barrier::State;
  Local<Condition> condition = barrier->condition_;
  while (barrier->busy()) {
    Local<Coroutine> wait = async_wait_condition(loop, condition).take();
    Outcome outcome = co_await result_of(wait);
    if (outcome.failed()) co_return outcome;
  }
  if (barrier->broken()) co_return Exception::make_or_no_memory("BrokenBarrierError", "Barrier aborted");
  size_t index = barrier->count_++;
  Outcome outcome = Value::integer(static_cast<int64_t>(index));
  if (index + 1 == barrier->parties_) {
    barrier->state_ = State::Draining;
    barrier->notify_all();
  } else {
    while (barrier->state_ == State::Filling) {
      Local<Coroutine> wait = async_wait_condition(loop, condition).take();
      Outcome woken = co_await result_of(wait);
      if (woken.failed()) {
        barrier->leave();
        co_return woken;
      }
    }
    if (barrier->broken() || barrier->state_ == State::Resetting) {
      outcome = Exception::make_or_no_memory("BrokenBarrierError", "Abort or reset of barrier");
    }
  }
  barrier->leave();
  co_return outcome;
}

Async async_wait_barrier(Loop &loop, Local<Barrier> barrier) noexcept {
  Local<Lock> lock(&barrier->condition_->lock());
  Local<Coroutine> acquire = async_acquire(loop, lock).take();
  Outcome outcome = co_await result_of(acquire);
  if (outcome.failed()) co_return outcome;
  Local<Coroutine> cross = async_cross(loop, barrier).take();
  outcome = co_await result_of(cross);
  lock->release_lock();
  co_return outcome;
}

// reset() and abort() differ only in the state, which is chosen when the lock is held.
Async async_break(Loop &loop, Local<Barrier> barrier, bool abort) noexcept {
  using State = Barrier::State;
  Local<Lock> lock(&barrier->condition_->lock());
  Local<Coroutine> acquire = async_acquire(loop, lock).take();
  Outcome outcome = co_await result_of(acquire);
  if (outcome.failed()) co_return outcome;
  barrier->state_ = abort ? State::Broken : barrier->count_ > 0 ? State::Resetting : State::Filling;
  barrier->notify_all();
  lock->release_lock();
  co_return Outcome();
}

Async async_reset(Loop &loop, Local<Barrier> barrier) noexcept { return async_break(loop, std::move(barrier), false); }
Async async_abort(Loop &loop, Local<Barrier> barrier) noexcept { return async_break(loop, std::move(barrier), true); }

}  // namespace boucle
