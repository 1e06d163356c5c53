#include "loop/timer_queue.hpp"

#include <algorithm>
#include <bit>
#include <utility>

#include "base/pool.hpp"

namespace boucle {
namespace {

Node *node_of(Link *link) noexcept { return static_cast<Node *>(link); }

void fetch(const void *memory) noexcept { __builtin_prefetch(memory, 1); }

// Fetches into the cache what running the node, and disposing of its owner, will read.
void fetch_surroundings(Node &node) noexcept {
  auto *at = reinterpret_cast<char *>(&node);
  fetch(at - 64);
  fetch(at + 64);
  Pool::prefetch_for_deallocation(at);
}

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

void TimerQueue::insert_aside(Node &node) noexcept { (node.deadline < kFarthest ? overdue_ : never_).push_back(node); }

template <class Visit>
inline void TimerQueue::each_lane(int level, int slot, Visit &&visit) noexcept {
  for (List &lane : slots_[level][slot].lanes) {
    if (!lane.empty()) visit(lane);
  }
}

// Visits all timers of a slot, lane by lane in turn, those of one lane in their order; each visit fetches the lane's
// next timer. `visit` returns whether to go on; it may put the timer elsewhere.
template <class Visit>
inline void TimerQueue::walk(const Place &place, Visit &&visit) noexcept {
  struct {
    Link *at;
    const Link *end;
  } lanes[kLanes];
  int count = 0;
  each_lane(place.level, place.slot, [&](List &lane) {
    lanes[count++] = {lane.front(), lane.end()};
    fetch(lane.front());
  });
  while (count > 0) {
    for (int i = 0; i < count;) {
      Node &node = *node_of(lanes[i].at);
      lanes[i].at = node.next;
      fetch(node.next);
      if (!visit(node)) return;
      if (lanes[i].at != lanes[i].end) {
        ++i;
      } else {
        lanes[i] = lanes[--count];
      }
    }
  }
}

bool TimerQueue::holds_any(int level, int slot) noexcept {
  bool any = false;
  each_lane(level, slot, [&](List &) { any = true; });
  return any;
}

// Returns the first slot from `from` on that is not empty, or -1. Clears the stale bits before it.
int TimerQueue::first_slot(int level, int from) noexcept {
  for (int word = from / 64; word < kSlots / 64; ++word) {
    uint64_t bits = occupied_[level][word];
    if (word == from / 64) bits &= ~uint64_t{0} << (from % 64);
    for (; bits; bits &= bits - 1) {
      int slot = word * 64 + std::countr_zero(bits);
      if (holds_any(level, slot)) return slot;
      mark_empty(level, slot);
    }
  }
  return -1;
}

bool TimerQueue::first(Place &place) noexcept {
  uint64_t cursor = static_cast<uint64_t>(cursor_);
  for (int level = 0; level < kLevels; ++level) {
    int slot = first_slot(level, (cursor >> (8 * level)) & (kSlots - 1));
    if (slot < 0) continue;
    uint64_t above = level + 1 < kLevels ? cursor >> (8 * (level + 1)) << (8 * (level + 1)) : 0;
    place = {level, slot, static_cast<int64_t>(above | static_cast<uint64_t>(slot) << (8 * level))};
    return true;
  }
  return false;
}

void TimerQueue::take(const Place &place, List &ret_list) noexcept {
  each_lane(place.level, place.slot, [&](List &lane) { ret_list.splice_back(lane); });
  mark_empty(place.level, place.slot);
}

// Returns the shortest deadline of a slot, if the slot holds few timers, or only equal ones.
bool TimerQueue::shortest(const Place &place, int64_t &ret_deadline) noexcept {
  ret_deadline = place.level == 0 ? place.base : kNever;
  if (place.level == 0) return true;
  int walked = 0;
  walk(place, [&](Node &node) {
    ret_deadline = std::min(ret_deadline, node.deadline);
    return ++walked <= kWalk;
  });
  return walked <= kWalk;
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

// False: the timers are to be handed over as they are.
bool TimerQueue::holds_many(const Place &place) noexcept {
  int walked = 0;
  walk(place, [&](Node &node) {
    fetch_surroundings(node);
    return ++walked <= kMany;
  });
  return walked > kMany;
}

// Moves the timers of a slot to the levels below, when the cursor has entered it.
void TimerQueue::spread(const Place &place) noexcept {
  walk(place, [&](Node &node) {
    take_up(node);
    insert(node);
    return true;
  });
  mark_empty(place.level, place.slot);
}

int64_t TimerQueue::jump(int64_t limit) noexcept {
  unlink_retired();
  Place place;
  while (overdue_.empty() && first(place)) {
    int64_t deadline;
    if (shortest(place, deadline)) return deadline;
    if (place.base > limit) return place.base;
    cursor_ = place.base;
    spread(place);
  }
  return overdue_.empty() ? kNever : cursor_;
}

// Hands over a batch, of which all is due up to the cursor. A timer that was put off goes to its new place instead.
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
    if (place.level > 0 && holds_many(place)) {
      // A radix pass: far cheaper than sorting them here, for each slot below then fits the cache.
      cursor_ = std::max(cursor_, place.base);
      spread(place);
      continue;
    }
    List slot;
    take(place, slot);
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

// Takes a slot at a time to overdue_, so that the first slot is not searched once for each timer.
Node *TimerQueue::pop_any() noexcept {
  unlink_retired();
  if (Place place; overdue_.empty() && first(place)) take(place, overdue_);
  List &list = overdue_.empty() ? never_ : overdue_;
  if (list.empty()) return nullptr;
  Node *node = node_of(list.pop_front());
  node->deadline = Node::kUntimed;
  --size_;
  return node;
}

}  // namespace boucle
