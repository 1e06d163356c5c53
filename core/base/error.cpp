#include "base/error.hpp"

#include <cstring>
#include <new>

#include "base/teardown.hpp"

namespace boucle {
namespace {

bool same(const char *a, const char *b) noexcept { return std::strcmp(a, b) == 0; }

// The direct base class of each built-in kind; any other kind is an Exception.
struct Base {
  const char *kind, *base;
};
constexpr Base kBases[] = {
    {"Exception", "BaseException"},         {"CancelledError", "BaseException"},
    {"SystemExit", "BaseException"},        {"KeyboardInterrupt", "BaseException"},
    {"GeneratorExit", "BaseException"},     {"BaseExceptionGroup", "BaseException"},
    {"ExceptionGroup", "Exception"},        {"TimeoutError", "OSError"},
    {"BrokenBarrierError", "RuntimeError"}, {"RecursionError", "RuntimeError"},
    {"IncompleteReadError", "EOFError"},    {"InvalidStateError", "Exception"},
    {"KeyError", "LookupError"},
};

const char *base_of(const char *kind) noexcept {
  if (same(kind, "BaseException")) return nullptr;
  for (const Base &row : kBases) {
    if (same(row.kind, kind)) return row.base;
  }
  return "Exception";
}

}  // namespace

Error::Error(const char *kind, const char *message, Status status)
    : kind_(kind),
      message_(message ? std::optional<std::string>(message) : std::nullopt),
      status_(status),
      is_cancelled_(same(kind, "CancelledError")),
      is_exit_(same(kind, "SystemExit") || same(kind, "KeyboardInterrupt")) {
  live_objects.fetch_add(1, std::memory_order_relaxed);
}

Error::Error(const Error &other)
    : Counted<Error>(),
      kind_(other.kind_),
      message_(other.message_),
      members_(other.members_),
      notes_(other.notes_),
      cause_(other.cause_),
      payload_(other.payload_),
      status_(other.status_),
      is_cancelled_(other.is_cancelled_),
      is_exit_(other.is_exit_) {
  live_objects.fetch_add(1, std::memory_order_relaxed);
}

Error::~Error() { live_objects.fetch_sub(1, std::memory_order_relaxed); }

void Error::destroy(Error *error) noexcept { Teardown::of(error); }

Ref<Error> Error::make(const char *kind, const char *message, Status status) {
  return Ref<Error>::adopt(new Error(kind, message, status));
}

Ref<Error> Error::from_status(Status status) {
  StatusException exception = status_exception(status);
  return make(exception.kind, exception.text, status);
}

Ref<Error> Error::group(const char *message, std::vector<Ref<Error>> members) {
  const char *kind = "ExceptionGroup";
  for (const Ref<Error> &member : members) {
    if (!member->matches("Exception")) kind = "BaseExceptionGroup";
  }
  Ref<Error> error = make(kind, message);
  error->members_ = std::move(members);
  return error;
}

Ref<Error> Error::foreign(const char *kind, const char *message, Ref<Value> payload) {
  Ref<Error> error = make(kind, message);
  error->payload_ = std::move(payload);
  return error;
}

Ref<Error> Error::with_cause(Ref<Error> cause) const {
  Ref<Error> copy = Ref<Error>::adopt(new Error(*this));
  copy->cause_ = std::move(cause);
  return copy;
}

Ref<Error> Error::with_note(const char *note) const {
  Ref<Error> copy = Ref<Error>::adopt(new Error(*this));
  copy->notes_.emplace_back(note);
  return copy;
}

namespace {
// The shared plain exceptions are made when the library is loaded, so that they are there when memory is not. They are
// never freed, and do not count as alive.
struct Plain {
  Ref<Error> cancelled = Error::make("CancelledError", nullptr);
  Ref<Error> timeout = Error::make("TimeoutError", nullptr);
  Ref<Error> no_memory = Error::make("MemoryError", nullptr, status::NO_MEMORY);
  Plain() noexcept { live_objects.fetch_sub(3, std::memory_order_relaxed); }
};
Plain &plain_errors() noexcept {
  alignas(Plain) static char storage[sizeof(Plain)];
  static Plain &plain = *new (storage) Plain;
  return plain;
}
[[maybe_unused]] Plain &made_early = plain_errors();
}  // namespace

Ref<Error> Error::cancelled() noexcept { return plain_errors().cancelled; }

Ref<Error> Error::timeout(Ref<Error> cause) noexcept {
  try {
    return plain_errors().timeout->with_cause(std::move(cause));
  } catch (const std::bad_alloc &) {
    return plain_errors().timeout;
  }
}

Ref<Error> Error::no_memory() noexcept { return plain_errors().no_memory; }

Ref<Error> Error::plain(const char *kind, const char *message) noexcept {
  try {
    return make(kind, message);
  } catch (const std::bad_alloc &) {
    return no_memory();
  }
}

bool Error::matches(const char *kind) const noexcept {
  for (const char *own = kind_.c_str(); own; own = base_of(own)) {
    if (same(own, kind)) return true;
  }
  // The one kind with two base classes.
  return same(kind, "BaseExceptionGroup") && same(kind_.c_str(), "ExceptionGroup");
}

}  // namespace boucle
