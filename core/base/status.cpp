#include "base/status.hpp"

#include <cerrno>
#include <cstring>

namespace boucle {
namespace {

struct Row {
  Status code;
  const char *name;
  const char *message;
  StatusException exception;
};

constexpr Row kRows[] = {{0, "LOOP_OK", "success", {"Exception", nullptr}},
#define X(name, code, message, kind, text) {code, "LOOP_E" #name, message, {kind, text}},
                         BOUCLE_STATUS_TABLE(X)
#undef X
};

const Row *find(Status status) noexcept {
  for (const Row &row : kRows) {
    if (row.code == status) return &row;
  }
  return nullptr;
}

bool is_errno(Status status) noexcept { return status < 0 && status > -4096; }

// Returns the subclass of OSError that Python chooses for an errno.
const char *os_error_kind(int number) noexcept {
  switch (number) {
    case EAGAIN:
    case EALREADY:
    case EINPROGRESS: return "BlockingIOError";
    case ECHILD: return "ChildProcessError";
    case EPIPE:
    case ESHUTDOWN: return "BrokenPipeError";
    case ECONNABORTED: return "ConnectionAbortedError";
    case ECONNREFUSED: return "ConnectionRefusedError";
    case ECONNRESET: return "ConnectionResetError";
    case EEXIST: return "FileExistsError";
    case ENOENT: return "FileNotFoundError";
    case EINTR: return "InterruptedError";
    case EISDIR: return "IsADirectoryError";
    case ENOTDIR: return "NotADirectoryError";
    case EACCES:
    case EPERM: return "PermissionError";
    case ESRCH: return "ProcessLookupError";
    case ETIMEDOUT: return "TimeoutError";
    default: return "OSError";
  }
}

}  // namespace

const char *status_name(Status status) noexcept {
  if (const Row *row = find(status)) return row->name;
  const char *name = is_errno(status) ? strerrorname_np(-status) : nullptr;
  return name ? name : "UNKNOWN";
}

const char *status_message(Status status) noexcept {
  if (const Row *row = find(status)) return row->message;
  // strerrordesc_np, unlike strerror, lends static text and needs no lock.
  const char *text = is_errno(status) ? strerrordesc_np(-status) : nullptr;
  return text ? text : "unknown status";
}

StatusException status_exception(Status status) noexcept {
  if (const Row *row = find(status)) return row->exception;
  if (status == status::NO_MEMORY) return {"MemoryError", nullptr};
  if (status == status::INVALID) return {"ValueError", "Invalid argument"};
  // strerrordesc_np, unlike strerror, lends static text and needs no lock.
  if (is_errno(status)) return {os_error_kind(-status), strerrordesc_np(-status), true};
  return {"RuntimeError", "unknown status"};
}

}  // namespace boucle
