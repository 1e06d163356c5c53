// core/loop: the timer queue, against a sorted list.
#include <algorithm>
#include <deque>
#include <vector>

#include "loop/timer_queue.hpp"
#include "unit.hpp"

namespace {

using boucle::List;
using boucle::Node;
using boucle::NodeType;
using boucle::TimerQueue;

struct Timer : Node {
  Timer(int64_t when, int age) : Node(kType), when(when), age(age) { deadline = when; }
  static int64_t put_off_until(const Node &node) noexcept { return static_cast<const Timer &>(node).when; }
  static const NodeType kType;
  int64_t when;
  int age;
};
const NodeType Timer::kType = {.run = nullptr, .drop = nullptr, .put_off_until = put_off_until};

// A simple timer queue, as a model.
class Model {
 public:
  explicit Model(int64_t now) : queue(now) {}
  ~Model() {
    while (queue.pop_any()) {
    }
    while (queue.has_retired()) assert_false(queue.take_retired()->linked());
  }

  void add(int64_t when) {
    timers_.emplace_back(when, ages_++);
    pending_.push_back(&timers_.back());
    queue.add(timers_.back());
  }
  void remove_any(uint64_t number) {
    if (pending_.empty()) return;
    auto victim = pending_.begin() + static_cast<ptrdiff_t>(number % pending_.size());
    if (number & 256) {
      queue.retire(**victim);
    } else {
      queue.remove(**victim);
    }
    pending_.erase(victim);
  }
  void put_off_any(uint64_t number, int64_t by) {
    if (pending_.empty()) return;
    pending_[number % pending_.size()]->when += by;
    fifo_ = false;
  }
  // It comes after those of the same deadline.
  void move_any(uint64_t number, int64_t when) {
    if (pending_.empty()) return;
    auto at = pending_.begin() + static_cast<ptrdiff_t>(number % pending_.size());
    Timer *timer = *at;
    queue.move(*timer, timer->when = when);
    timer->age = ages_++;
    std::rotate(at, at + 1, pending_.end());
  }
  // Takes out any one, which must be pending.
  void pop_any() {
    auto *timer = static_cast<Timer *>(queue.pop_any());
    assert_non_null(timer);
    assert_true(!timer->linked() && timer->deadline == Node::kUntimed);
    auto at = std::find(pending_.begin(), pending_.end(), timer);
    assert_true(at != pending_.end());
    pending_.erase(at);
  }
  // Collects, and compares.
  void collect(int64_t now) {
    std::stable_sort(pending_.begin(), pending_.end(), [](Timer *a, Timer *b) { return a->when < b->when; });
    List due;
    queue.collect(now, due);
    while (!pending_.empty() && pending_.front()->when <= now) {
      assert_false(due.empty());
      Timer *timer = static_cast<Timer *>(static_cast<Node *>(due.pop_front()));
      assert_true(timer->when == pending_.front()->when);
      auto same = std::find(pending_.begin(), pending_.end(), timer);
      assert_true(same != pending_.end() && (!fifo_ || same == pending_.begin()));
      pending_.erase(same);
    }
    assert_true(due.empty());
    assert_true(queue.empty() == pending_.empty());
    std::sort(pending_.begin(), pending_.end(), [](Timer *a, Timer *b) { return a->age < b->age; });
  }
  int64_t first() const {
    int64_t least = TimerQueue::kNever;
    for (Timer *timer : pending_) least = std::min(least, timer->when);
    return least;
  }

  TimerQueue queue;

 private:
  std::deque<Timer> timers_;
  std::vector<Timer *> pending_;
  int ages_ = 0;
  bool fifo_ = true;  // equal deadlines come in the order of insertion; not if some were moved to later
};

void timers_of_all_distances_come_in_order(void **) {
  Numbers numbers;
  int64_t now = int64_t{1} << 40;
  Model model(now);
  for (int round = 0; round < 400; ++round) {
    for (int i = 0; i < 20; ++i) model.add(now + static_cast<int64_t>(numbers.next() % (uint64_t{1} << (i * 3 / 2))));
    for (int i = 0; i < 5; ++i) model.remove_any(numbers.next());
    now += static_cast<int64_t>(numbers.next() % (uint64_t{1} << (round % 31)));
    model.collect(now);
  }
}

void timers_moved_to_later_come_when_due(void **) {
  Numbers numbers;
  int64_t now = int64_t{1} << 40;
  Model model(now);
  for (int round = 0; round < 2000; ++round) {
    for (int i = 0; i < 10; ++i) model.add(now + static_cast<int64_t>(numbers.next() % (uint64_t{1} << (i * 4))));
    for (int i = 0; i < 30; ++i) {
      model.put_off_any(numbers.next(), static_cast<int64_t>(numbers.next() % (uint64_t{1} << (i % 32))));
    }
    model.remove_any(numbers.next());
    assert_true(model.queue.next() <= model.first());
    model.collect(now += static_cast<int64_t>(numbers.next() % (uint64_t{1} << (round % 31))));
  }
}

void timers_next_is_never_late(void **) {
  Numbers numbers;
  int64_t now = 1000;
  Model model(now);
  for (int round = 0; round < 2000; ++round) {
    model.add(now + static_cast<int64_t>(numbers.next() % (uint64_t{1} << (round % 40))));
    if (numbers.next() % 2) model.remove_any(numbers.next());
    assert_true(model.queue.next() <= model.first());
    if (numbers.next() % 4 == 0) model.collect(now += static_cast<int64_t>(numbers.next() % 100000));
  }
}

void timers_found_by_next_alone_need_few_looks(void **) {
  Numbers numbers;
  int64_t now = 0;
  Model model(now);
  for (int i = 0; i < 1000; ++i) model.add(static_cast<int64_t>(numbers.next()));
  int looks = 0;
  for (; !model.queue.empty(); ++looks) {
    int64_t next = model.queue.next();
    assert_true(next >= now);
    model.collect(now = next);
  }
  assert_true(looks < 8000);
}

void timers_of_one_deadline_are_fifo(void **) {
  Model model(0);
  for (int i = 0; i < 1000; ++i) model.add(5'000'000'000 + i % 3);
  model.collect(4'999'999'999);
  model.collect(5'000'000'003);
}

void timers_at_the_ends_of_time_are_kept(void **) {
  Model model(1000);
  for (int64_t when : {int64_t{0}, int64_t{999}, int64_t{1000}, TimerQueue::kFarthest - 1, int64_t{1} << 62}) model.add(when);
  model.collect(1000);
  model.collect(int64_t{1} << 61);
  model.collect(TimerQueue::kFarthest - 1);
}

// They are kept, whatever the time is, and can be moved, removed and popped.
void timers_at_infinity_are_never_due(void **) {
  static const NodeType kPlain = {nullptr, nullptr};
  TimerQueue queue(1000);
  Node nodes[] = {Node(kPlain), Node(kPlain), Node(kPlain)};
  List due;
  for (Node &node : nodes) {
    node.deadline = &node == nodes ? TimerQueue::kFarthest : TimerQueue::kNever;
    queue.add(node);
  }
  assert_true(!queue.empty() && queue.is_timeless() && queue.next() == TimerQueue::kNever);
  assert_true(queue.jump(TimerQueue::kNever) == TimerQueue::kNever);
  queue.collect(TimerQueue::kFarthest - 1, due);
  assert_true(due.empty() && queue.size() == 3);
  queue.remove(nodes[0]);
  queue.move(nodes[1], TimerQueue::kFarthest - 1);
  assert_false(queue.is_timeless());
  queue.collect(TimerQueue::kFarthest - 1, due);
  assert_ptr_equal(&nodes[1], due.pop_front());
  assert_ptr_equal(&nodes[2], queue.pop_any());
  assert_true(queue.empty() && !queue.pop_any());
}

void timers_jump_gives_the_first_deadline(void **) {
  Numbers numbers;
  Model model(0);
  for (int i = 0; i < 500; ++i) model.add(static_cast<int64_t>(numbers.next()) * 1000);
  while (!model.queue.empty()) {
    int64_t first = model.first();
    assert_true(model.queue.jump(TimerQueue::kNever) == first);
    model.collect(first);
  }
}

// Many in one slot of that level (at level 0, in a hundred of them), in all of its lanes, equal deadlines among them.
void crowd(Model &model, Numbers &numbers, int64_t now, int level, int count) {
  int64_t begin = ((now >> (8 * level)) + 2) << (8 * level);
  int64_t step = (int64_t{1} << (8 * level)) / 100 + 1;
  for (int i = 0; i < count; ++i) model.add(begin + static_cast<int64_t>(numbers.next() % 100) * step);
}

void timers_of_a_crowded_slot_come_in_order(void **) {
  Numbers numbers;
  int64_t now = int64_t{1} << 40;
  Model model(now);
  for (int round = 0; round < 60; ++round) {
    int level = round % 4;
    int64_t width = int64_t{1} << (8 * level);
    crowd(model, numbers, now, level, 500);
    for (int i = 0; i < 150; ++i) model.remove_any(numbers.next());
    for (int i = 0; i < 50; ++i) {
      model.move_any(numbers.next(), now + width + static_cast<int64_t>(numbers.next() % 16) * width / 8);
    }
    model.collect(now + 2 * width + width / 2);  // in the middle of the slot
    for (int i = 0; i < 50; ++i) model.remove_any(numbers.next());
    model.collect(now += 4 * width);
  }
}

void timers_moved_from_a_crowded_slot_come_when_due(void **) {
  Numbers numbers;
  int64_t now = int64_t{1} << 40;
  Model model(now);
  for (int round = 0; round < 60; ++round) {
    int64_t width = int64_t{1} << (8 * (round % 4));
    crowd(model, numbers, now, round % 4, 400);
    for (int i = 0; i < 200; ++i) model.put_off_any(numbers.next(), static_cast<int64_t>(numbers.next()) % (3 * width));
    assert_true(model.queue.next() <= model.first());
    model.collect(now + 2 * width + width / 3);
    model.collect(now += 3 * width);
  }
}

void timers_all_cancelled_leave_slots_that_can_be_used_again(void **) {
  Numbers numbers;
  Model model(1000);
  for (int round = 0; round < 20; ++round) {
    crowd(model, numbers, 1000, 2, 100);
    for (int i = 0; i < 100; ++i) model.remove_any(round % 2 ? 256 : 0);  // retired, or removed
    assert_true(model.queue.empty());
    assert_true(model.queue.next() == TimerQueue::kNever);
  }
  crowd(model, numbers, 1000, 2, 100);
  model.collect(1000 + (3 << 16));
}

void timers_jump_into_a_crowded_slot_stops_at_its_first(void **) {
  Numbers numbers;
  Model model(0);
  for (int level = 0; level < 4; ++level) crowd(model, numbers, 0, level, 300);
  while (!model.queue.empty()) {
    int64_t first = model.first();
    assert_true(model.queue.jump(first - 1) >= first - 1);
    assert_true(model.queue.jump(TimerQueue::kNever) == first);
    model.collect(first);
  }
}

void timers_popped_come_once_each(void **) {
  Numbers numbers;
  int64_t now = 1'000'000'000;
  Model model(now);
  for (int level = 0; level < 4; ++level) crowd(model, numbers, now, level, 200);
  for (int i = 0; i < 20; ++i) model.add(i);  // overdue
  for (int i = 0; i < 100; ++i) model.remove_any(numbers.next());
  while (!model.queue.empty()) model.pop_any();
  assert_null(model.queue.pop_any());
}

}  // namespace

int main() {
  const CMUnitTest tests[] = {
      cmocka_unit_test(timers_of_all_distances_come_in_order),
      cmocka_unit_test(timers_moved_to_later_come_when_due),
      cmocka_unit_test(timers_next_is_never_late),
      cmocka_unit_test(timers_found_by_next_alone_need_few_looks),
      cmocka_unit_test(timers_of_one_deadline_are_fifo),
      cmocka_unit_test(timers_at_the_ends_of_time_are_kept),
      cmocka_unit_test(timers_at_infinity_are_never_due),
      cmocka_unit_test(timers_jump_gives_the_first_deadline),
      cmocka_unit_test(timers_of_a_crowded_slot_come_in_order),
      cmocka_unit_test(timers_moved_from_a_crowded_slot_come_when_due),
      cmocka_unit_test(timers_all_cancelled_leave_slots_that_can_be_used_again),
      cmocka_unit_test(timers_jump_into_a_crowded_slot_stops_at_its_first),
      cmocka_unit_test(timers_popped_come_once_each),
  };
  return cmocka_run_group_tests_name("timer_queue", tests, nullptr, nullptr);
}
