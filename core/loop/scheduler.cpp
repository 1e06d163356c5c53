#include "loop/scheduler.hpp"

#include <algorithm>

#include "loop/loop.hpp"

namespace boucle {

void Scheduler::jump(int64_t limit) noexcept {
  int64_t next = std::min(timers_.jump(limit), limit);
  clock.advance_to(std::max(clock.now(), next));
}

void Scheduler::collect() noexcept {
  drop_retired();
  if (timers_.empty()) return;
  List due;
  uint64_t before = timers_.size();
  timers_.collect(clock.now(), due);
  if (due.empty()) return;
  came_due_ += before - timers_.size();
  ready.push_all(due);
}

void Scheduler::take_inbox() noexcept {
  if (loop_.is_forked() && !inbox.is_free()) [[unlikely]]
    return;  // a thread that is not in this process has its mutex
  InboxBatch batch;
  inbox.take(batch);
  flooded_ = batch.is_stream;
  for (Link *link = batch.nodes.front(); link != batch.nodes.end(); link = link->next) {
    auto &node = *static_cast<Node *>(link);
    if (node.type->arrive) node.type->arrive(loop_, node);
  }
  ready.push_all(batch.nodes);
  if (batch.deferred) loop_.heap.free_deferred(batch.deferred);
  if (batch.stop) loop_.stop_posted();
}

void Scheduler::drop(List &nodes) noexcept {
  while (!nodes.empty()) {
    Node &node = *static_cast<Node *>(nodes.pop_front());
    node.type->drop(loop_, node);
  }
}

void Scheduler::drop_retired() noexcept {
  while (timers_.has_retired()) {
    Node &node = *timers_.take_retired();
    node.type->drop(loop_, node);
  }
}

void Scheduler::drop_timers() noexcept {
  while (Node *node = timers_.pop_any()) node->type->drop(loop_, *node);
  drop_retired();
}

}  // namespace boucle
