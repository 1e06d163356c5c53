// Io: the seam between the loop and the system. The loop attaches sources, and asks for transfers; wait() answers what
// happened to them.
//
//   Source    a descriptor, and what is wanted of it: to be told when it can be read or written
//   Transfer  a verb, a descriptor, and memory: receive, send, accept, connect
//   Answer    what happened: a source is ready, so that a transfer will not block; or a transfer is done
//
// What asks the system for readiness (epoll, poll) answers `ready`, and perform() does the transfer then; what hands
// transfers over to the system (a ring, a simulated network) answers `done`. Whoever uses it does the same in both cases:
// perform; if that is not done yet, wait for the answer; if that says `ready`, perform again.
//
// The memory of a transfer is the core's own, never a user's: so a transfer can be given up at any time.
//
// A descriptor has one source at most. Its slot is the descriptor's number; each attachment has a generation, which the
// system's events carry, so that an event of a former attachment never reaches a later one.
//
// One thread at a time.
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
// With kReadable: each time that more can be read is answered once, and nothing need be read. An Io that cannot do that
// answers as without it, and leaves kEdge out of the answer.
inline constexpr unsigned kEdge = 4;

struct Source {
  // Told what is ready: puts what is to run because of it on the list.
  using OnReady = void (*)(Source &source, unsigned ready, List &ret_nodes) noexcept;
  Source(int descriptor, OnReady callback) noexcept : fd(descriptor), on_ready(callback) {}

  int fd;
  unsigned interest = 0;  // kReadable | kWritable | kEdge; 0: it is not attached
  const OnReady on_ready;
};

// Its direction is kReadable or kWritable: which readiness says that it will not block.
enum class Verb : uint8_t { Receive, Send, Accept, Connect };

struct Transfer {
  Verb verb;
  int fd;
  void *data = nullptr;  // what is received or sent; the address that is connected to
  size_t size = 0;
  bool begun = false;  // of a Connect: the system was asked, and its answer is still to be fetched
  // Once it is done: the number of bytes, or the descriptor that was accepted, or 0; or -errno.
  int64_t result = 0;

  unsigned direction() const noexcept { return verb == Verb::Receive || verb == Verb::Accept ? kReadable : kWritable; }
};

struct Answer {
  Source *source;
  unsigned ready;  // kReadable | kWritable | kEdge; an error or a hang-up counts as both of the former
  Transfer *done = nullptr;
};

enum class PollerKind { Auto, Epoll, Poll };

class Io {
 public:
  virtual ~Io() = default;

  // Changes what is wanted of the source: 0 detaches it. May fail only where more is wanted than before: BUSY if another
  // source has the descriptor, NO_MEMORY, or what the system says. Then nothing has changed.
  Status set_interest(Source &source, unsigned interest) noexcept;
  // The source of the descriptor, or nullptr.
  Source *source_of(int fd) const noexcept;
  // Does the transfer, or hands it over to the system. True: it is done. False: an answer says when it is, or when to
  // perform it again. Never blocks, also where the descriptor would.
  virtual bool perform(Transfer &transfer) noexcept = 0;
  // Waits for at most timeout_ns (negative: no limit). The answers are lent until the next call. A signal ends the wait.
  virtual std::span<const Answer> wait(int64_t timeout_ns) noexcept = 0;
  // A descriptor that is readable when one of the sources is ready; -1 if there is none.
  virtual int fd() const noexcept = 0;
  // A descriptor that was closed while it was attached, and of which a duplicate is open: it was detached by the last
  // wait(). Or -1.
  int take_lost() noexcept { return std::exchange(lost_, -1); }

  // Auto is what BOUCLE_POLLER in the environment says, else epoll. NOPOLLER if it says anything else.
  static Status make(PollerKind kind, std::unique_ptr<Io> &ret_io) noexcept;

 protected:
  struct Slot {
    Source *source = nullptr;
    uint32_t generation = 0;
  };
  // Tells the system; source.interest is what was wanted until now.
  virtual Status control(Slot &slot, Source &source, unsigned interest) noexcept = 0;

  std::vector<Slot> slots_;  // by descriptor
  int lost_ = -1;
};

}  // namespace boucle
