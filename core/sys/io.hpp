// Io: the interface between the loop and the system. The loop attaches sources and starts transfers; wait() returns
// results: what happened to them.
//
//   Source    a descriptor, and the readiness that the loop waits for: that it can be read or written
//   Transfer  a verb (receive, send, accept, connect), a descriptor, and memory
//   IoResult  what happened: a source is ready, so that a transfer will not block; or a transfer is done
//
// An Io that asks the system for readiness (epoll, poll) reports `ready`; then perform() does the transfer. An Io that
// passes transfers to the system (io_uring, a simulated network) reports `done`. The caller does the same in both
// cases: it calls perform(); if the transfer is not done, it waits for the result; if that is `ready`, it calls
// perform() again.
//
// The memory of a transfer is the core's own, never a user's: so a transfer can be given up at any time.
//
// A descriptor has one source at most, and the number of the descriptor is that of the slot. Each attachment has a
// generation, which is part of the system's events, so that an event of a former attachment never reaches a later one.
//
// Threads: one at a time.
#pragma once

#include <cstdint>
#include <memory>
#include <span>
#include <utility>
#include <vector>

#include "base/list.hpp"
#include "base/status.hpp"

namespace boucle {

inline constexpr unsigned kReadable = 1, kWritable = 2;
// Edge-triggered, together with kReadable: there is one result each time that more can be read, even if the program
// reads nothing. An Io that cannot do that reports as without kEdge, and kEdge is not in its results.
inline constexpr unsigned kEdge = 4;

struct Source {
  // Is called with what is ready, and adds the nodes that are to run because of it to the list.
  using OnReady = void (*)(Source &source, unsigned ready, List &ret_nodes) noexcept;
  Source(int descriptor, OnReady callback) noexcept : fd(descriptor), on_ready(callback) {}

  int fd;
  unsigned interest = 0;  // kReadable | kWritable | kEdge; 0: the source is not attached
  const OnReady on_ready;
};

// Its direction is kReadable or kWritable: which readiness says that it will not block.
enum class Verb : uint8_t { Receive, Send, Accept, Connect };

struct Transfer {
  Verb verb;
  int fd;
  void *data = nullptr;  // what is received or sent; the address that is connected to
  size_t size = 0;
  bool begun = false;  // for Connect: the system connects, and its result has not been read yet
  // When it is done: the number of bytes, the descriptor that was accepted, or 0; or -errno.
  int64_t result = 0;

  unsigned direction() const noexcept { return verb == Verb::Receive || verb == Verb::Accept ? kReadable : kWritable; }
};

struct IoResult {
  Source *source;
  unsigned ready;  // kReadable | kWritable | kEdge; an error or a hang-up counts as both of the former
  Transfer *done = nullptr;
};

enum class PollerKind { Auto, Epoll, Poll };

class Io {
 public:
  virtual ~Io() = default;

  // Changes the readiness that the source waits for; 0 detaches it. It can fail only if the interest grows: with BUSY
  // if another source has the descriptor, NO_MEMORY, or the system's -errno. A call that fails changes nothing.
  Status set_interest(Source &source, unsigned interest) noexcept;
  // Returns the source of the descriptor, or nullptr.
  Source *source_of(int fd) const noexcept;
  // Does the transfer, or passes it to the system. Returns true if it is done. If it returns false, a result will say
  // that it is done, or that it should be performed again. It never blocks, even if the descriptor does.
  virtual bool perform(Transfer &transfer) noexcept = 0;
  // Waits for timeout_ns at most; a negative number is no limit. The results are lent until the next call. A signal
  // ends the wait.
  virtual std::span<const IoResult> wait(int64_t timeout_ns) noexcept = 0;
  // Returns a descriptor that is readable when one of the sources is ready, or -1 if the Io has none.
  virtual int fd() const noexcept = 0;
  // Returns a descriptor that the last wait() detached because it was closed while it was attached and a duplicate of
  // it is open, or -1.
  int take_lost() noexcept { return std::exchange(lost_, -1); }

  // Auto chooses the poller that the environment variable BOUCLE_POLLER names, or else epoll. Returns NOPOLLER if it
  // names no poller.
  static Status make(PollerKind kind, std::unique_ptr<Io> &ret_io) noexcept;

 protected:
  struct Slot {
    Source *source = nullptr;
    uint32_t generation = 0;
  };
  // Changes the interest at the system; source.interest is still the former one.
  virtual Status control(Slot &slot, Source &source, unsigned interest) noexcept = 0;

  std::vector<Slot> slots_;  // by descriptor
  int lost_ = -1;
};

}  // namespace boucle
