// core/loop: the inbox, the only thread-safe queue.
#include <thread>
#include <vector>

#include "loop/inbox.hpp"
#include "unit.hpp"

namespace {

using boucle::Inbox;
using boucle::List;
using boucle::Node;
using boucle::NodeType;

const NodeType kType = {nullptr, nullptr};

struct Letter : Node {
  Letter(int sender, int number) : Node(kType), sender(sender), number(number) {}
  const int sender, number;
};

void inbox_new_is_empty(void **) {
  Inbox inbox;
  List list;
  inbox.take(list);
  assert_true(inbox.empty() && list.empty());
}

void inbox_keeps_the_order_of_posting(void **) {
  Inbox inbox;
  List list;
  Letter letters[] = {{0, 0}, {0, 1}, {0, 2}};
  for (Letter &letter : letters) inbox.post(letter);
  assert_false(inbox.empty());
  inbox.take(list);
  assert_true(inbox.empty());
  for (Letter &letter : letters) assert_ptr_equal(&letter, list.pop_front());
}

void inbox_of_many_threads_loses_nothing(void **) {
  constexpr int kSenders = 4, kEach = 20000;
  Inbox inbox;
  std::vector<std::vector<Letter>> letters(kSenders);
  std::vector<std::thread> threads;
  for (int sender = 0; sender < kSenders; ++sender) {
    for (int number = 0; number < kEach; ++number) letters[sender].emplace_back(sender, number);
    threads.emplace_back([&inbox, &mine = letters[sender]] {
      for (Letter &letter : mine) inbox.post(letter);
    });
  }
  int next[kSenders] = {}, left = kSenders * kEach;
  while (left > 0) {
    List list;
    inbox.take(list);
    for (; !list.empty(); --left) {
      auto *letter = static_cast<Letter *>(static_cast<Node *>(list.pop_front()));
      assert_int_equal(next[letter->sender]++, letter->number);
    }
  }
  for (std::thread &thread : threads) thread.join();
}

}  // namespace

int main() {
  const CMUnitTest tests[] = {
      cmocka_unit_test(inbox_new_is_empty),
      cmocka_unit_test(inbox_keeps_the_order_of_posting),
      cmocka_unit_test(inbox_of_many_threads_loses_nothing),
  };
  return cmocka_run_group_tests_name("inbox", tests, nullptr, nullptr);
}
