#include "loop/calls.hpp"

#include "loop/loop.hpp"

namespace boucle {

void Callback::invoke(Loop &loop) noexcept {
  loop.dispatch.call_user(context, userdata.get(), [&] { fn(&loop, userdata.get()); });
}

inline bool PlainCall::invoke_and_destroy(Loop &loop) noexcept {
  return loop.dispatch.call_in(nullptr, userdata, [&] { fn(&loop, userdata); });
}

// The context moves into the loop; the pointer that stays behind here is not read again.
inline bool Callback::invoke_and_destroy(Loop &loop) noexcept {
  bool goes_on = loop.dispatch.call_in(context.get(), userdata.get(), [&] { fn(&loop, userdata.get()); });
  userdata.~Userdata();
  return goes_on;
}

namespace {
void free_pooled(Loop &loop, Calls &block) noexcept { loop.heap.pool.deallocate(&block, block.calls.size); }
void free_posted(Loop &loop, Calls &block) noexcept { loop.scheduler.inbox.give_back(block); }
using Free = void (*)(Loop &loop, Calls &block) noexcept;

template <class Call, Free free>
void run(Loop &loop, Node &node) noexcept {
  auto &block = static_cast<Calls &>(node);
  Call *call = block.at<Call>(block.calls.next), *end = block.at<Call>(block.calls.end);
  Call *stop = loop.dispatch.debug ? call + 1 : end;  // in debug mode each is timed
  {
    Dispatch::InCallback inside(loop.dispatch);
    while (call != stop && call++->invoke_and_destroy(loop)) {
    }
  }
  if (call == end) [[likely]]
    return free(loop, block);
  block.calls.next = static_cast<uint16_t>(reinterpret_cast<char *>(call) - reinterpret_cast<char *>(&block));
  loop.turn.put_back(block);
}

// Runs a block with a single callback. The memory is freed before the call, so that what the call schedules is placed
// in memory that is in the cache.
void run_one(Loop &loop, Node &node) noexcept {
  auto &block = static_cast<Calls &>(node);
  Callback callback = std::move(*block.at<Callback>(block.calls.next));
  loop.heap.pool.deallocate(&block, Calls::kLeast);
  Dispatch::InCallback inside(loop.dispatch);
  callback.invoke_inside(loop);
}

template <class Call, Free free>
void drop(Loop &loop, Node &node) noexcept {
  auto &block = static_cast<Calls &>(node);
  for (Call *call = block.at<Call>(block.calls.next); call != block.at<Call>(block.calls.end); ++call) call->~Call();
  free(loop, block);
}

// Only a block with room for one callback has one to tell.
const Callback *callback_of(Node &node) noexcept {
  auto &block = static_cast<Calls &>(node);
  return block.calls.size == Calls::kLeast ? block.at<Callback>(block.calls.next) : nullptr;
}
}  // namespace

const NodeType Calls::kOne = {run_one, drop<Callback, free_pooled>, nullptr, callback_of};
const NodeType Calls::kTypes[2][2] = {
    {{run<Callback, free_pooled>, drop<Callback, free_pooled>},
     {run<PlainCall, free_pooled>, drop<PlainCall, free_pooled>}},
    {{run<Callback, free_posted>, drop<Callback, free_posted>, nullptr, callback_of},
     {run<PlainCall, free_posted>, drop<PlainCall, free_posted>}},
};

}  // namespace boucle
