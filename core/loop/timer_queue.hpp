// Timers in the order (deadline, insertion): a hierarchical wheel down to the nanosecond.
//
// Eight levels of 256 slots: a timer stands at the level of the highest byte in which its deadline differs from the
// cursor, in the slot of that byte's value. Adding and removing are O(1) and allocate nothing. A slot is spread over
// the levels below only once the cursor enters it, so a timer that is cancelled in time is never touched again; a slot
// that holds few timers is sorted once it is due.
//
// A slot is four lists, its lanes, each for a quarter of its time. Timers that have slept for long are out of the
// cache, and the next node of a list is known only once its predecessor has been loaded. The lanes are walked in turn,
// so that four loads are under way at a time. Before a timer is handed over, its owner is fetched, too.
//
// A timer can be put off without touching the queue, if its type knows until when (NodeType::put_off_until): the queue
// asks when the former deadline is due, and queues the timer again if necessary.
//
// A deadline of kFarthest or later is never due: such timers stand on a list of their own.
//
// Invariants: (1) deadlines in the wheel are >= cursor_, those on overdue_ are below; (2) at level n > 0 every occupied
// slot lies beyond the cursor's; (3) equal deadlines share a lane, in the order of their insertion; (4) a set bit in
// `occupied` may be stale, an unset one is right, and then the slot's lanes are not even lists; (5) retired timers are
// in no slot while slots are looked at.
#pragma once

#include <bit>
#include <cstdint>
#include <new>

#include "base/list.hpp"
#include "loop/node.hpp"

namespace boucle {

class TimerQueue {
 public:
  static constexpr int64_t kNever = INT64_MAX, kFarthest = kNever - 1;

  explicit TimerQueue(int64_t now) noexcept : cursor_(now) {}

  bool empty() const noexcept { return size_ == 0; }
  // True if no timer is ever due.
  bool is_timeless() noexcept { return next() == kNever; }
  uint64_t size() const noexcept { return size_; }
  // True if the queue is empty and no timer is retired.
  bool is_untouched() const noexcept { return (size_ | retired_count_) == 0; }
  void add(Node &node) noexcept {
    ++size_;
    insert(node);
  }
  void move(Node &node, int64_t deadline) noexcept {
    node.unlink();
    node.deadline = deadline;
    insert(node);
  }
  void remove(Node &node) noexcept {
    node.unlink();
    node.deadline = Node::kUntimed;
    --size_;
  }
  // Removes a node that the caller does not reuse at once: it counts as removed, but is unlinked later, when its
  // neighbours are in the cache. Returns a node that was retired before and is unlinked now, or nullptr.
  Node *retire(Node &node) noexcept {
    __builtin_prefetch(node.next, 1);
    __builtin_prefetch(node.prev, 1);
    node.deadline = Node::kUntimed;
    --size_;
    Node *former = retired_count_ == kRetired ? take_retired() : nullptr;
    retired_[(retired_first_ + retired_count_++) % kRetired] = &node;
    return former;
  }
  bool has_retired() const noexcept { return retired_count_ > 0; }
  // Unlinks and returns the node that was retired first.
  Node *take_retired() noexcept {
    Node *node = retired_[retired_first_++ % kRetired];
    --retired_count_;
    if (node->linked()) node->unlink();
    return node;
  }

  // Returns the first deadline, or a moment before it; kNever if no timer is ever due.
  int64_t next() noexcept;
  // Returns the first deadline; it is exact if it is not after `limit`. For clocks that jump to the earlier of the two.
  int64_t jump(int64_t limit) noexcept;
  // Moves all timers with a deadline <= now to the end of `due`, in order.
  void collect(int64_t now, List &due) noexcept;
  // Removes any one timer and returns it, or nullptr. For closing.
  Node *pop_any() noexcept;

 private:
  static constexpr int kLevels = 8, kSlots = 256;
  static constexpr int kMany = 64;  // more than so many timers are spread rather than sorted
  static constexpr int kWalk = 16;  // so many timers are looked through rather than spread
  static constexpr int kLaneBits = 2, kLanes = 1 << kLaneBits;

  // On one cache line; nothing is written to it before its first timer comes.
  struct alignas(64) Slot {
    Slot() noexcept {}
    union {
      List lanes[kLanes];
    };
  };
  struct Place {
    int level;
    int slot;
    int64_t base;  // the first deadline that belongs there
  };

  // Whether a deadline is before the cursor, or kFarthest or later, which then wraps around.
  bool is_aside(int64_t deadline) const noexcept {
    auto beyond = [](int64_t time) {
      return static_cast<int64_t>(static_cast<uint64_t>(time) + (kNever - kFarthest + 1));
    };
    return beyond(deadline) < beyond(cursor_);
  }
  void insert(Node &node) noexcept {
    if (is_aside(node.deadline)) [[unlikely]]
      return insert_aside(node);
    auto deadline = static_cast<uint64_t>(node.deadline);
    // The highest bit that differs, without the detour by bit_width().
    uint64_t level = (63 ^ static_cast<uint64_t>(__builtin_clzll((deadline ^ static_cast<uint64_t>(cursor_)) | 1))) / 8;
    uint64_t bytes = std::rotr(deadline, static_cast<int>(8 * level));
    unsigned slot = bytes & (kSlots - 1), lane = bytes >> (64 - kLaneBits);  // the lane: the bits below the slot's
    uint64_t &occupied = occupied_[level][slot / 64];
    uint64_t bit = uint64_t{1} << (slot % 64);
    if (!(occupied & bit)) {
      occupied |= bit;
      new (&slots_[level][slot].lanes) List[kLanes];
    }
    slots_[level][slot].lanes[lane].push_back(node);
  }
  void insert_aside(Node &node) noexcept;
  template <class Visit>
  void each_lane(int level, int slot, Visit &&visit) noexcept;
  template <class Visit>
  void walk(const Place &place, Visit &&visit) noexcept;
  bool holds_any(int level, int slot) noexcept;
  void mark_empty(int level, int slot) noexcept { occupied_[level][slot / 64] &= ~(uint64_t{1} << (slot % 64)); }
  bool first(Place &place) noexcept;
  int first_slot(int level, int from) noexcept;
  void take(const Place &place, List &ret_list) noexcept;
  bool holds_many(const Place &place) noexcept;
  static void take_up(Node &node) noexcept {
    if (node.type->put_off_until) node.deadline = node.type->put_off_until(node);
  }
  void hand_over(List &batch, List &due) noexcept;
  void spread(const Place &place) noexcept;
  bool shortest(const Place &place, int64_t &ret_deadline) noexcept;

  void unlink_retired() noexcept {
    for (unsigned i = 0; i < retired_count_; ++i) {
      if (Node *node = retired_[(retired_first_ + i) % kRetired]; node->linked()) node->unlink();
    }
  }

  static constexpr unsigned kRetired = 16;
  Node *retired_[kRetired];
  unsigned retired_first_ = 0, retired_count_ = 0;

  int64_t cursor_;
  uint64_t size_ = 0;
  List overdue_, never_;
  uint64_t occupied_[kLevels][kSlots / 64] = {};
  Slot slots_[kLevels][kSlots];
};

}  // namespace boucle
