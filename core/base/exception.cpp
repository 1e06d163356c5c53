#include "base/exception.hpp"

#include <cstring>
#include <new>

#include "base/allocation.hpp"
#include "base/teardown.hpp"

namespace boucle {
namespace {

bool equal(const char *a, const char *b) noexcept { return std::strcmp(a, b) == 0; }

// The direct base class of each kind. For a kind that is not in the table it is Exception.
struct Base {
  const char *kind, *base;
};
constexpr Base kBases[] = {
    {"Exception", "BaseException"},
    {"CancelledError", "BaseException"},
    {"SystemExit", "BaseException"},
    {"KeyboardInterrupt", "BaseException"},
    {"GeneratorExit", "BaseException"},
    {"BaseExceptionGroup", "BaseException"},
    {"ExceptionGroup", "Exception"},
    {"BlockingIOError", "OSError"},
    {"ChildProcessError", "OSError"},
    {"ConnectionError", "OSError"},
    {"BrokenPipeError", "ConnectionError"},
    {"ConnectionAbortedError", "ConnectionError"},
    {"ConnectionRefusedError", "ConnectionError"},
    {"ConnectionResetError", "ConnectionError"},
    {"FileExistsError", "OSError"},
    {"FileNotFoundError", "OSError"},
    {"InterruptedError", "OSError"},
    {"IsADirectoryError", "OSError"},
    {"NotADirectoryError", "OSError"},
    {"PermissionError", "OSError"},
    {"ProcessLookupError", "OSError"},
    {"TimeoutError", "OSError"},
    {"gaierror", "OSError"},
    {"BrokenBarrierError", "RuntimeError"},
    {"RecursionError", "RuntimeError"},
    {"IncompleteReadError", "EOFError"},
    {"InvalidStateError", "Exception"},
    {"IndexError", "LookupError"},
    {"KeyError", "LookupError"},
};

const char *base_of(const char *kind) noexcept {
  if (equal(kind, "BaseException")) return nullptr;
  for (const Base &row : kBases) {
    if (equal(row.kind, kind)) return row.base;
  }
  return "Exception";
}

}  // namespace

Exception::Exception(const char *kind, const char *message, Status status)
    : kind_(kind),
      message_(message ? std::optional<std::string>(message) : std::nullopt),
      status_(status),
      is_cancelled_(equal(kind, "CancelledError")),
      is_exit_(equal(kind, "SystemExit") || equal(kind, "KeyboardInterrupt")) {
  live_objects.fetch_add(1, std::memory_order_relaxed);
}

Exception::Exception(const Exception &other)
    : Counted<Exception>(),
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

Exception::~Exception() { live_objects.fetch_sub(1, std::memory_order_relaxed); }

void Exception::destroy(Exception *exception) noexcept { Teardown::destroy(exception); }

Ref<Exception> Exception::make(const char *kind, const char *message, Status status) {
  return Ref<Exception>::adopt(new Exception(kind, message, status));
}

Ref<Exception> Exception::from_status(Status status) {
  StatusException exception = status_exception(status);
  if (!exception.is_os_error) return make(exception.kind, exception.text, status);
  std::string number = std::to_string(-status);
  std::string text = exception.text ? exception.text : "Unknown error " + number;
  return make(exception.kind, ("[Errno " + number + "] " + text).c_str(), status);
}

Ref<Exception> Exception::group(const char *message, std::vector<Ref<Exception>> members) {
  const char *kind = "ExceptionGroup";
  for (const Ref<Exception> &member : members) {
    if (!member->matches("Exception")) kind = "BaseExceptionGroup";
  }
  Ref<Exception> exception = make(kind, message);
  exception->members_ = std::move(members);
  return exception;
}

Ref<Exception> Exception::carrying(Ref<Value> payload, const char *kind, const char *message, Status status) {
  Ref<Exception> exception = make(kind, message, status);
  exception->payload_ = std::move(payload);
  return exception;
}

Ref<Exception> Exception::with_cause(Ref<Exception> cause) const {
  Ref<Exception> copy = Ref<Exception>::adopt(new Exception(*this));
  copy->cause_ = std::move(cause);
  return copy;
}

Ref<Exception> Exception::with_note(const char *note) const {
  Ref<Exception> copy = Ref<Exception>::adopt(new Exception(*this));
  copy->notes_.emplace_back(note);
  return copy;
}

namespace {
// These exceptions are made when the library is loaded, so that they exist when there is no memory. They are never
// freed, and do not count as live objects.
struct SharedExceptions {
  Ref<Exception> cancelled = Exception::make("CancelledError", nullptr);
  Ref<Exception> timeout = Exception::make("TimeoutError", nullptr);
  Ref<Exception> no_memory = Exception::make("MemoryError", nullptr, status::NO_MEMORY);
  SharedExceptions() noexcept { live_objects.fetch_sub(3, std::memory_order_relaxed); }
};
SharedExceptions &shared_exceptions() noexcept {
  alignas(SharedExceptions) static char storage[sizeof(SharedExceptions)];
  static SharedExceptions &shared = *new (storage) SharedExceptions;
  return shared;
}
[[maybe_unused]] SharedExceptions &made_at_load = shared_exceptions();
}  // namespace

Ref<Exception> Exception::cancelled() noexcept { return shared_exceptions().cancelled; }

Ref<Exception> Exception::timeout(Ref<Exception> cause) noexcept {
  Ref<Exception> timeout = shared_exceptions().timeout;
  try_allocate([&] { timeout = timeout->with_cause(std::move(cause)); });
  return timeout;
}

Ref<Exception> Exception::no_memory() noexcept { return shared_exceptions().no_memory; }

Ref<Exception> Exception::make_or_no_memory(const char *kind, const char *message) noexcept {
  Ref<Exception> made;
  return try_allocate([&] { made = make(kind, message); }) ? made : no_memory();
}

bool Exception::matches(const char *kind) const noexcept {
  for (const char *own = kind_.c_str(); own; own = base_of(own)) {
    if (equal(own, kind)) return true;
  }
  // ExceptionGroup is the only kind with two base classes.
  return equal(kind, "BaseExceptionGroup") && equal(kind_.c_str(), "ExceptionGroup");
}

}  // namespace boucle
