// Outcome: how something ended: with a value, or with an exception.
#pragma once

#include "base/error.hpp"
#include "base/ref.hpp"
#include "base/value.hpp"

namespace boucle {

class Outcome {
 public:
  Outcome() noexcept = default;  // returned nil
  Outcome(Ref<Value> value) noexcept : value_(std::move(value)) {}
  Outcome(Ref<Error> error) noexcept : error_(std::move(error)) {}

  // What `return status` means, in a function of the user's that also wrote a value.
  static Outcome of_status(Status status, Ref<Value> value) noexcept;

  bool failed() const noexcept { return static_cast<bool>(error_); }
  bool cancelled() const noexcept { return error_ && error_->is_cancelled(); }
  Ref<Value> &value() noexcept { return value_; }
  Ref<Error> &error() noexcept { return error_; }
  const Ref<Value> &value() const noexcept { return value_; }
  const Ref<Error> &error() const noexcept { return error_; }

 private:
  Ref<Value> value_;
  Ref<Error> error_;
};

}  // namespace boucle
