#include "loop/timer_queue.hpp"

#include <algorithm>
#include <bit>
#include <utility>

namespace boucle {
namespace {

Node *node_of(Link *link) noexcept { return static_cast<Node *>(link); }

// Merges two runs, chained through `next` and ended by nullptr. The left one wins ties: the sort is stable.
Link *merge(Link *left, Link *right) noexcept {
  Link head, *tail = &head;
  while (left && right) {
    Link *&smaller = node_of(right)->deadline < node_of(left)->deadline ? right : left;
    tail = tail->next = smaller;
    smaller = smaller->next;
  }
  tail->next = left ? left : right;
  return head.next;
}

// Merge sort by deadline, without memory: runs[i] holds 2^i nodes, or is empty.
void sort(List &list) noexcept {
  if (list.empty() || list.front()->next == list.end()) return;
  Link *runs[64] = {};
  while (!list.empty()) {
    Link *run = list.pop_front();
    size_t i = 0;
    for (; runs[i]; ++i) run = merge(std::exchange(runs[i], nullptr), run);
    runs[i] = run;
  }
  Link *all = nullptr;
  for (Link *run : runs) {
    if (run) all = all ? merge(run, all) : run;
  }
  while (all) {
    Link *next = all->next;
    list.push_back(*all);
    all = next;
  }
}

}  // namespace

// The first slot from `from` on that is not empty, or -1. Clears the stale bits that it meets.
int TimerQueue::first_slot(Level &level, int from) noexcept {
  for (int word = from / 64; word < kSlots / 64; ++word) {
    uint64_t bits = level.occupied[word];
    if (word == from / 64) bits &= ~uint64_t{0} << (from % 64);
    for (; bits; bits &= bits - 1) {
      int slot = word * 64 + std::countr_zero(bits);
      if (!level.slots[slot].empty()) return slot;
      level.occupied[word] &= ~(uint64_t{1} << (slot % 64));
    }
  }
  return -1;
}

bool TimerQueue::first(Place &place) noexcept {
  uint64_t cursor = static_cast<uint64_t>(cursor_);
  for (int level = 0; level < kLevels; ++level) {
    int slot = first_slot(levels_[level], (cursor >> (8 * level)) & (kSlots - 1));
    if (slot < 0) continue;
    uint64_t above = level + 1 < kLevels ? cursor >> (8 * (level + 1)) << (8 * (level + 1)) : 0;
    place = {level, slot, static_cast<int64_t>(above | static_cast<uint64_t>(slot) << (8 * level))};
    return true;
  }
  return false;
}

void TimerQueue::take(const Place &place, List &ret_list) noexcept {
  ret_list.splice_back(levels_[place.level].slots[place.slot]);
  levels_[place.level].occupied[place.slot / 64] &= ~(uint64_t{1} << (place.slot % 64));
}

// The shortest deadline of a slot, if it holds few timers, or only equal ones.
bool TimerQueue::shortest(const Place &place, int64_t &ret_deadline) noexcept {
  List &slot = levels_[place.level].slots[place.slot];
  int64_t least = node_of(slot.front())->deadline;
  int walked = 0;
  for (Link *l = slot.front(); place.level > 0 && l != slot.end(); l = l->next) {
    if (++walked > kWalk) return false;
    least = std::min(least, node_of(l)->deadline);
  }
  ret_deadline = least;
  return true;
}

int64_t TimerQueue::next() noexcept {
  unlink_retired();
  if (size_ == 0) return kNever;
  if (!overdue_.empty()) return cursor_;
  Place place;
  if (!first(place)) return kNever;
  int64_t deadline;
  return shortest(place, deadline) ? deadline : place.base;
}

bool TimerQueue::holds_many(List &slot) noexcept {
  int walked = 0;
  for (Link *l = slot.front(); l != slot.end(); l = l->next) {
    if (++walked > kMany) return true;
  }
  return false;
}

// Over the levels below, now that the cursor is there.
void TimerQueue::spread(List &slot) noexcept {
  for (Link *link = slot.front(); link != slot.end();) {
    Link *next = link->next;
    take_up(*node_of(link));
    insert(*node_of(link));
    link = next;
  }
  slot.clear();
}

int64_t TimerQueue::jump(int64_t limit) noexcept {
  unlink_retired();
  Place place;
  while (overdue_.empty() && first(place)) {
    int64_t deadline;
    if (shortest(place, deadline)) return deadline;
    if (place.base > limit) return place.base;
    List list;
    take(place, list);
    cursor_ = place.base;
    spread(list);
  }
  return overdue_.empty() ? kNever : cursor_;
}

// The batch is due, all up to the cursor, but for what was put off beyond that: it is met again in its new place.
void TimerQueue::hand_over(List &batch, List &due) noexcept {
  for (Link *link = batch.front(); link != batch.end();) {
    Node &node = *node_of(link);
    link = link->next;
    take_up(node);
    if (node.deadline <= cursor_) continue;
    node.unlink();
    insert(node);
  }
  sort(batch);
  for (Link *l = batch.front(); l != batch.end(); l = l->next) {
    node_of(l)->deadline = Node::kUntimed;
    --size_;
  }
  due.splice_back(batch);
}

void TimerQueue::collect(int64_t now, List &due) noexcept {
  unlink_retired();
  if (size_ == 0) {
    cursor_ = std::max(cursor_, now);
    return;
  }
  List batch;
  batch.splice_back(overdue_);
  hand_over(batch, due);
  Place place;
  while (first(place) && place.base <= now) {
    List slot;
    take(place, slot);
    if (place.level > 0 && holds_many(slot)) {
      // A radix pass: far cheaper than sorting them here, for each slot below then fits the cache.
      cursor_ = std::max(cursor_, place.base);
      spread(slot);
      continue;
    }
    int64_t last = place.base + (place.level == 7 ? INT64_MAX - place.base : (int64_t{1} << (8 * place.level)) - 1);
    cursor_ = std::max(cursor_, std::min(last, now));
    if (last <= now) {
      batch.splice_back(slot);
    } else {
      while (!slot.empty()) {
        Node &node = *node_of(slot.pop_front());
        take_up(node);
        node.deadline <= now ? batch.push_back(node) : insert(node);
      }
    }
    hand_over(batch, due);
  }
  // No occupied slot holds `now`, so the cursor may go there without breaking invariant 2.
  cursor_ = std::max(cursor_, now);
}

Node *TimerQueue::pop_any() noexcept {
  unlink_retired();
  if (size_ == 0) return nullptr;
  --size_;
  Place place;
  Link *link = !overdue_.empty() ? overdue_.pop_front()
               : first(place)    ? levels_[place.level].slots[place.slot].pop_front()
                                 : nullptr;
  node_of(link)->deadline = Node::kUntimed;
  return node_of(link);
}

}  // namespace boucle
