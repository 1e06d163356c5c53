// Error: the exception object. Immutable and shared by reference count, from any thread.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "base/counted.hpp"
#include "base/ref.hpp"
#include "base/status.hpp"
#include "base/value.hpp"

namespace boucle {

class Error : public Counted<Error> {
 public:
  // These may throw bad_alloc.
  static Ref<Error> make(const char *kind, const char *message, Status status = 0);
  static Ref<Error> from_status(Status status);
  static Ref<Error> group(const char *message, std::vector<Ref<Error>> members);
  static Ref<Error> foreign(const char *kind, const char *message, Ref<Value> payload);
  Ref<Error> with_cause(Ref<Error> cause) const;
  Ref<Error> with_note(const char *note) const;

  // These never fail: the plain ones are shared, and there is one for the lack of memory.
  static Ref<Error> cancelled() noexcept;  // without a message
  static Ref<Error> timeout(Ref<Error> cause) noexcept;
  static Ref<Error> no_memory() noexcept;
  static Ref<Error> plain(const char *kind, const char *message) noexcept;

  const char *kind() const noexcept { return kind_.c_str(); }
  const char *message() const noexcept { return message_ ? message_->c_str() : nullptr; }
  Status status() const noexcept { return status_; }
  Error *cause() const noexcept { return cause_.get(); }
  const std::vector<Ref<Error>> &members() const noexcept { return members_; }
  const std::vector<std::string> &notes() const noexcept { return notes_; }
  Value *payload() const noexcept { return payload_.get(); }

  bool is_cancelled() const noexcept { return is_cancelled_; }
  // SystemExit and KeyboardInterrupt, which leave the loop.
  bool is_exit() const noexcept { return is_exit_; }
  bool matches(const char *kind) const noexcept;

  static void destroy(Error *error) noexcept;

 private:
  friend class Teardown;
  Error(const char *kind, const char *message, Status status);
  Error(const Error &other);
  ~Error();

  std::string kind_;
  std::optional<std::string> message_;
  std::vector<Ref<Error>> members_;
  std::vector<std::string> notes_;
  Ref<Error> cause_;
  Ref<Value> payload_;
  Status status_;
  bool is_cancelled_, is_exit_;
};

}  // namespace boucle
