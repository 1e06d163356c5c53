// Status: the table of all codes, each with its name, its message and the exception that stands for it. capi checks the
// constants of the public header against it. The texts of the exceptions are CPython's.
#pragma once

namespace boucle {

// 0, or a negative number: -errno, or a code of the table.
using Status = int;

// X(name, code, message, exception kind, exception text)
#define BOUCLE_STATUS_TABLE(X)                                                                                      \
  X(INVALIDSTATE, -10001, "the future is already done, or not done yet", "InvalidStateError", "invalid state")      \
  X(CANCELLED, -10002, "the future was cancelled", "CancelledError", nullptr)                                       \
  X(EXCEPTION, -10003, "the future failed; its exception says why", "Exception", nullptr)                           \
  X(CLOSED, -10004, "the loop is closed", "RuntimeError", "Event loop is closed")                                   \
  X(RUNNING, -10005, "the loop is already running, or another loop runs in this thread", "RuntimeError",            \
    "This event loop is already running")                                                                           \
  X(STOPPED, -10006, "the loop was stopped before the future was done", "RuntimeError",                             \
    "Event loop stopped before Future completed.")                                                                  \
  X(DEADLOCK, -10007, "nothing is ready, and nothing can make it ready", "RuntimeError",                            \
    "Event loop stopped before Future completed.")                                                                  \
  X(WRONGTHREAD, -10008, "another thread is running the loop", "RuntimeError",                                      \
    "Non-thread-safe operation invoked on an event loop other than the current one")                                \
  X(FORKED, -10009, "the loop was made before fork(), in another process", "RuntimeError",                          \
    "the loop belongs to another process")                                                                          \
  X(EXIT, -10010, "SystemExit or KeyboardInterrupt ended the run", "RuntimeError",                                  \
    "SystemExit or KeyboardInterrupt ended the run")                                                                \
  X(NOTASK, -10011, "no task is running here", "RuntimeError", "no running task")                                   \
  X(WRONGLOOP, -10012, "the objects belong to different loops", "RuntimeError",                                     \
    "got Future attached to a different loop")                                                                      \
  X(KIND, -10013, "the value is of another kind", "TypeError", "the value is of another kind")                      \
  X(NOTSUPPORTED, -10014, "the object does not support this, or the library was built without it", "RuntimeError",  \
    "Task does not support set_result operation")                                                                   \
  X(BUSY, -10015, "the object is in use, or was used up", "RuntimeError", "cannot reuse already awaited coroutine") \
  X(NOTLOCKED, -10016, "the lock is not acquired", "RuntimeError", "Lock is not acquired.")                         \
  X(QUEUEEMPTY, -10017, "the queue is empty", "QueueEmpty", nullptr)                                                \
  X(QUEUEFULL, -10018, "the queue is full", "QueueFull", nullptr)                                                   \
  X(QUEUESHUTDOWN, -10019, "the queue is shut down", "QueueShutDown", nullptr)                                      \
  X(OVERRELEASED, -10020, "it was released more often than acquired", "ValueError", "released too many times")      \
  X(SHUTTINGDOWN, -10021, "the task group is shutting down, or finished", "RuntimeError",                           \
    "TaskGroup is shutting down")                                                                                   \
  X(EXPIRED, -10022, "the timeout was not entered, or is over", "RuntimeError", "Timeout has not been entered")     \
  X(RECURSION, -10023, "the tasks wait for each other in a circle", "RecursionError",                               \
    "maximum recursion depth exceeded")                                                                             \
  X(NOPOLLER, -10024, "BOUCLE_POLLER in the environment names no poller of this library", "ValueError",             \
    "BOUCLE_POLLER names no poller of this library")                                                                \
  X(NOADDRESS, -10025, "the host is not an IPv4 or IPv6 address; loop_getaddrinfo looks names up", "ValueError",    \
    "the host is not an IPv4 or IPv6 address")                                                                      \
  X(GAI, -10026, "a name or an address could not be looked up", "gaierror", "could not be looked up")

namespace status {
inline constexpr Status OK = 0;
#define X(name, code, message, kind, text) inline constexpr Status name = code;
BOUCLE_STATUS_TABLE(X)
#undef X
inline constexpr Status INVALID = -22;    // -EINVAL
inline constexpr Status NO_MEMORY = -12;  // -ENOMEM
}  // namespace status

const char *status_name(Status status) noexcept;
const char *status_message(Status status) noexcept;

// The kind of the exception that stands for a status, and its text, which may be nullptr. The message of an OSError is
// "[Errno 2] ", with its number, and then the text, as in Python.
struct StatusException {
  const char *kind;
  const char *text;
  bool is_os_error = false;
};
StatusException status_exception(Status status) noexcept;

}  // namespace boucle
