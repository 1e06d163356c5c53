// Outcome: how a future, task or call ended: with a value, or with an exception.
//
// It is one word: a Value pointer, or an Exception pointer plus 4. No value has bit 2 set and both lower bits clear:
// heap objects are aligned to 16, and an immediate has one of the two lowest bits set. So futures and tasks stay small,
// and the most frequent outcomes, nil and immediates, are moved and dropped without a look at an object.
#pragma once

#include "base/exception.hpp"
#include "base/ref.hpp"
#include "base/value.hpp"

namespace boucle {

class Outcome {
 public:
  Outcome() noexcept = default;  // nil
  Outcome(Ref<Value> value) noexcept : bits_(reinterpret_cast<uintptr_t>(value.take())) {}
  Outcome(Ref<Exception> exception) noexcept
      : bits_(exception ? reinterpret_cast<uintptr_t>(exception.take()) | kException : uintptr_t{0}) {}
  Outcome(const Outcome &other) noexcept : bits_(other.bits_) {
    if (on_heap()) [[unlikely]]
      share();
  }
  Outcome(Outcome &&other) noexcept : bits_(std::exchange(other.bits_, 0)) {}
  Outcome &operator=(const Outcome &other) noexcept {
    if (other.on_heap()) [[unlikely]]
      other.share();
    return replace(other.bits_);
  }
  Outcome &operator=(Outcome &&other) noexcept { return replace(std::exchange(other.bits_, 0)); }
  ~Outcome() {
    if (on_heap()) [[unlikely]]
      drop();
  }

  // Returns the outcome of a user's function that returned `status`, and wrote `value`.
  static Outcome of_status(Status status, Ref<Value> value) noexcept;

  bool failed() const noexcept { return (bits_ & (kException | kImmediate)) == kException; }
  bool cancelled() const noexcept { return failed() && exception_pointer()->is_cancelled(); }

  // 0, CANCELLED or EXCEPTION: what functions of the C API return for it.
  Status status() const noexcept { return failed() ? failure_status() : 0; }

  // The following functions return a null reference if it ended in the other way.
  Ref<Value> value() const noexcept { return Ref<Value>(failed() ? nullptr : value_pointer()); }
  Ref<Exception> exception() const noexcept { return Ref<Exception>(failed() ? exception_pointer() : nullptr); }
  Ref<Value> take_value() noexcept {
    return failed() ? nullptr : Ref<Value>::adopt(reinterpret_cast<Value *>(std::exchange(bits_, 0)));
  }
  Ref<Exception> take_exception() noexcept {
    return failed() ? Ref<Exception>::adopt(reinterpret_cast<Exception *>(std::exchange(bits_, 0) & ~kException))
                    : nullptr;
  }
  // Lends the exception of an outcome that failed; do not call it for others.
  Exception *exception_pointer() const noexcept { return reinterpret_cast<Exception *>(bits_ & ~kException); }

 private:
  static constexpr uintptr_t kImmediate = 3, kException = 4;
  // The former outcome is dropped last, because a destroy that this calls may use this outcome.
  Outcome &replace(uintptr_t bits) noexcept {
    Outcome former;
    former.bits_ = std::exchange(bits_, bits);
    return *this;
  }
  Status failure_status() const noexcept {
    return exception_pointer()->is_cancelled() ? status::CANCELLED : status::EXCEPTION;
  }
  Value *value_pointer() const noexcept { return reinterpret_cast<Value *>(bits_); }
  bool on_heap() const noexcept { return bits_ && !(bits_ & kImmediate); }
  [[gnu::noinline]] void share() const noexcept {
    if (failed()) {
      exception_pointer()->ref();
    } else {
      Value::ref(value_pointer());
    }
  }
  [[gnu::noinline]] void drop() noexcept {
    if (failed()) {
      exception_pointer()->unref();
    } else {
      Value::unref(value_pointer());
    }
  }

  uintptr_t bits_ = 0;
};

}  // namespace boucle
