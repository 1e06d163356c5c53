// core/loop: the inbox, the only thread-safe queue.
#include <cerrno>
#include <thread>
#include <vector>

#include "loop/inbox.hpp"
#include "unit.hpp"

namespace {

using boucle::Callback;
using boucle::Calls;
using boucle::PlainCall;
using boucle::Inbox;
using boucle::List;
using boucle::InboxBatch;
using boucle::Node;
using boucle::NodeType;

const NodeType kType = {nullptr, nullptr};
constexpr size_t kNoLimit = SIZE_MAX;

struct Letter : Node {
  Letter(int sender, int number) : Node(kType), sender(sender), number(number) {}
  const int sender, number;
};

void inbox_new_is_empty(void **) {
  Inbox inbox(kNoLimit);
  InboxBatch batch;
  inbox.take(batch);
  assert_false(inbox.is_filled());
  assert_true(batch.nodes.empty() && !batch.deferred && !batch.stop);
}

void inbox_keeps_the_order_of_posting(void **) {
  Inbox inbox(kNoLimit);
  InboxBatch batch;
  Letter letters[] = {{0, 0}, {0, 1}, {0, 2}};
  for (Letter &letter : letters) inbox.post(letter);
  assert_true(inbox.maybe_filled() && inbox.is_filled());
  inbox.take(batch);
  assert_false(inbox.is_filled());
  for (Letter &letter : letters) assert_ptr_equal(&letter, batch.nodes.pop_front());
}

void inbox_wakes_once_for_each_expectation(void **) {
  Inbox inbox(kNoLimit);
  Letter first(0, 0), second(0, 1), third(0, 2);
  assert_true(inbox.post(first));  // the loop has not looked yet
  assert_false(inbox.post(second));
  assert_true(inbox.stop_expecting());
  assert_false(inbox.expect());  // it is not empty
  assert_false(inbox.stop_expecting());
  assert_false(inbox.post(third));
  InboxBatch batch;
  inbox.take(batch);
  assert_true(inbox.expect());
  inbox.post_stop();  // a request to stop always wakes the loop
  assert_true(inbox.maybe_filled());
  assert_false(inbox.expect());
  inbox.take(batch);
  assert_true(batch.stop);
  assert_false(inbox.is_filled());
  while (!batch.nodes.empty()) batch.nodes.pop_front();
}

bool post_call(Inbox &inbox, Inbox::After &after) {
  Callback callback{nullptr, {}, nullptr};
  return inbox.post(callback, boucle::Sharing::Shared, after) == 0;
}

// Calls are in blocks, but nodes between them keep their place.
void inbox_mixes_calls_and_nodes_in_order(void **) {
  Inbox inbox(kNoLimit);
  Inbox::After after;
  auto call = [&] { assert_true(post_call(inbox, after)); };
  for (int i = 0; i < 100; ++i) call();
  Letter letter(0, 0);
  inbox.post(letter);
  call();
  InboxBatch batch;
  inbox.take(batch);
  int calls = 0, blocks = 0;
  bool met = false;
  while (!batch.nodes.empty()) {
    auto &node = *static_cast<Node *>(batch.nodes.pop_front());
    if (node.type == &kType) {
      assert_int_equal(100, calls);
      met = true;
      continue;
    }
    ++blocks;
    calls += (node.calls.end - node.calls.next) / (node.calls.plain ? sizeof(PlainCall) : sizeof(Callback));
    inbox.give_back(static_cast<Calls &>(node));
  }
  assert_true(met && calls == 101 && blocks < 15);
}


void take_and_give_back(Inbox &inbox, bool is_stream) {
  InboxBatch batch;
  inbox.take(batch);
  assert_int_equal(is_stream, batch.is_stream);
  while (!batch.nodes.empty()) inbox.give_back(static_cast<Calls &>(*static_cast<Node *>(batch.nodes.pop_front())));
}

// A poster yields each time that it is some thousands of calls ahead of the loop, but not if it must wake the loop.
void inbox_poster_far_ahead_lets_the_loop_run(void **) {
  Inbox inbox(kNoLimit);
  Inbox::After after;
  int yields = 0;
  assert_true(post_call(inbox, after) && after == Inbox::After::WakeLoop);
  for (int i = 0; i < 20000; ++i) {
    assert_true(post_call(inbox, after) && after != Inbox::After::WakeLoop);
    yields += after == Inbox::After::Yield;
  }
  size_t in_a_block = (Calls::kMostPosted - sizeof(Calls)) / sizeof(PlainCall);
  assert_int_equal(20000 / (64 * in_a_block), yields);
  take_and_give_back(inbox, true);
}

void inbox_poster_that_is_followed_goes_on(void **) {
  Inbox inbox(kNoLimit);
  Inbox::After after;
  assert_true(post_call(inbox, after) && after == Inbox::After::WakeLoop);
  take_and_give_back(inbox, false);
  for (int round = 0; round < 100; ++round) {
    for (int i = 0; i < 1000; ++i) assert_true(post_call(inbox, after) && after == Inbox::After::Nothing);
    take_and_give_back(inbox, true);
  }
}

void inbox_beyond_its_limit_refuses_until_it_is_taken(void **) {
  Inbox inbox(3 * Calls::kMostPosted);
  Inbox::After after;
  Letter letter(0, 0);
  bool wake;
  for (int round = 0; round < 2; ++round) {
    int posts = 0;
    while (post_call(inbox, after)) ++posts;
    assert_true(posts > 200 && posts < 600);
    assert_int_equal(-ENOBUFS, inbox.post(letter, 100, wake));
    inbox.post_stop();
    take_and_give_back(inbox, true);
  }
  assert_int_equal(0, inbox.post(letter, 100, wake));
  letter.unlink();
}

void inbox_of_many_threads_loses_nothing(void **) {
  constexpr int kSenders = 4, kEach = 20000;
  Inbox inbox(kNoLimit);
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
    InboxBatch batch;
    inbox.take(batch);
    for (; !batch.nodes.empty(); --left) {
      auto *letter = static_cast<Letter *>(static_cast<Node *>(batch.nodes.pop_front()));
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
      cmocka_unit_test(inbox_wakes_once_for_each_expectation),
      cmocka_unit_test(inbox_mixes_calls_and_nodes_in_order),
      cmocka_unit_test(inbox_poster_far_ahead_lets_the_loop_run),
      cmocka_unit_test(inbox_poster_that_is_followed_goes_on),
      cmocka_unit_test(inbox_beyond_its_limit_refuses_until_it_is_taken),
      cmocka_unit_test(inbox_of_many_threads_loses_nothing),
  };
  return cmocka_run_group_tests_name("inbox", tests, nullptr, nullptr);
}
