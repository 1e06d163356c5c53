// Calls: several callbacks that were scheduled one after another, as one node of a run queue. Its memory comes from the
// loop's pool or, if it was posted by another thread, from malloc.
//
// There are two kinds: whole callbacks, and plain ones, which have neither a destroy nor a context and take half the
// memory.
#pragma once

#include <new>
#include <utility>

#include "loop/callback.hpp"
#include "loop/node.hpp"

namespace boucle {

struct PlainCall {
  LoopFn fn;
  void *userdata;

  // Called inside a Dispatch::InCallback. False if the run is to end here.
  bool invoke_and_destroy(Loop &loop) noexcept;
};

struct Calls : Node {
  static constexpr uint16_t kLeast = 64, kMost = 512, kMostPosted = 2048;  // bytes: one whole callback, fifteen, 63

  enum class Kind : uint16_t { Whole, Plain };
  // `size` bytes of memory; `posted` by another thread.
  Calls(Kind kind, bool posted, uint16_t size) noexcept : Node(type_of(kind, posted, size)) {
    calls = {sizeof(Calls), sizeof(Calls), size, kind == Kind::Plain};
  }

  template <class Call>
  Call *at(size_t offset) noexcept {
    return reinterpret_cast<Call *>(reinterpret_cast<char *>(this) + offset);
  }
  bool full() const noexcept { return calls.end == calls.size; }
  // Writes a callback behind the others, and refers to its context. For a Calls that is not full. False if this is for
  // plain callbacks only, and the callback is not plain.
  bool write(LoopFn fn, void *userdata, Destroy destroy, Context *context) noexcept {
    if (calls.plain) [[likely]] {
      if (destroy || context) [[unlikely]]
        return false;
      new (place<PlainCall>()) PlainCall{fn, userdata};
    } else {
      new (place<Callback>()) Callback{fn, Userdata(userdata, destroy), Ref<Context>(context)};
    }
    return true;
  }

 private:
  template <class Call>
  void *place() noexcept {
    return at<Call>(std::exchange(calls.end, static_cast<uint16_t>(calls.end + sizeof(Call))));
  }
  static const NodeType &type_of(Kind kind, bool posted, uint16_t size) noexcept {
    if (!posted && kind == Kind::Whole && size == kLeast) return kOne;
    return kTypes[posted][kind == Kind::Plain];
  }
  static const NodeType kOne, kTypes[2][2];
};
static_assert(sizeof(Calls) + sizeof(Callback) == Calls::kLeast);

}  // namespace boucle
