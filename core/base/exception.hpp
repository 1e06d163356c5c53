// Exception: says what failed. It never changes, is shared by reference counting, and may be used from any thread.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "base/counted.hpp"
#include "base/ref.hpp"
#include "base/status.hpp"
#include "base/value.hpp"

namespace boucle {

class Exception : public Counted<Exception> {
 public:
  // These functions may throw bad_alloc.
  static Ref<Exception> make(const char *kind, const char *message, Status status = 0);
  static Ref<Exception> from_status(Status status);
  static Ref<Exception> group(const char *message, std::vector<Ref<Exception>> members);
  static Ref<Exception> carrying(Ref<Value> payload, const char *kind, const char *message, Status status = 0);
  Ref<Exception> with_cause(Ref<Exception> cause) const;
  Ref<Exception> with_note(const char *note) const;

  // These functions never fail: the exceptions that they need were made when the library was loaded. If there is no
  // memory, timeout() returns an exception without the cause, and make_or_no_memory() returns no_memory().
  static Ref<Exception> cancelled() noexcept;  // without a message
  static Ref<Exception> timeout(Ref<Exception> cause) noexcept;
  static Ref<Exception> no_memory() noexcept;
  static Ref<Exception> make_or_no_memory(const char *kind, const char *message) noexcept;

  const char *kind() const noexcept { return kind_.c_str(); }
  const char *message() const noexcept { return message_ ? message_->c_str() : nullptr; }
  Status status() const noexcept { return status_; }
  Exception *cause() const noexcept { return cause_.get(); }
  const std::vector<Ref<Exception>> &members() const noexcept { return members_; }
  const std::vector<std::string> &notes() const noexcept { return notes_; }
  Value *payload() const noexcept { return payload_.get(); }

  bool is_cancelled() const noexcept { return is_cancelled_; }
  // Returns true for SystemExit and KeyboardInterrupt, which end the loop's run.
  bool is_exit() const noexcept { return is_exit_; }
  // Returns true if `except kind` would catch it: kind is its own kind or one of the base classes.
  bool matches(const char *kind) const noexcept;

  static void destroy(Exception *exception) noexcept;

 private:
  friend class Teardown;
  Exception(const char *kind, const char *message, Status status);
  Exception(const Exception &other);
  ~Exception();

  std::string kind_;
  std::optional<std::string> message_;
  std::vector<Ref<Exception>> members_;
  std::vector<std::string> notes_;
  Ref<Exception> cause_;
  Ref<Value> payload_;
  Status status_;
  bool is_cancelled_, is_exit_;
};

}  // namespace boucle
