// Descriptors: those of users that somebody watches, or waits for. Each has a watcher for each direction
// (loop.add_reader) and a queue of nodes that wait for it (loop.sock_recv): the first of these goes to the ready queue
// when the descriptor is ready, and the next one when it is ready again.
#pragma once

#include <vector>

#include "loop/watcher.hpp"
#include "sys/io.hpp"

namespace boucle {

class Descriptors {
 public:
  explicit Descriptors(Loop &loop) noexcept : loop_(loop) {}
  // direction: kReadable or kWritable. BUSY if the library itself uses the descriptor.
  Status add_watcher(int fd, unsigned direction, Callback callback) noexcept;
  bool remove_watcher(int fd, unsigned direction) noexcept;
  // The node waits, behind those that do already; or, if it has waited, in front of them. Its subject is this class's.
  Status wait(int fd, unsigned direction, Node &node, bool again) noexcept;
  // It does not wait any more, or, if it is on the ready queue by now, it is taken out of that.
  void stop_waiting(Node &node) noexcept;
  // Somebody waits already: whoever comes now has to stand behind.
  bool has_queue(int fd, unsigned direction) const noexcept;
  // The Io is not told: it goes with the loop, and in the child of a fork it is shared with the parent's.
  void close() noexcept;

 private:
  struct Direction {
    Watcher *watcher = nullptr;
    List waiting;
    bool is_wanted() const noexcept { return watcher || !waiting.empty(); }
  };
  struct Descriptor : Source {
    Descriptor(int number, Loop &of) noexcept : Source(number, on_ready), loop(of) {}
    static void on_ready(Source &source, unsigned ready, List &ret_nodes) noexcept;
    Direction &at(unsigned direction) noexcept { return directions[direction == kWritable]; }
    unsigned wanted() const noexcept {
      return (directions[0].is_wanted() ? kReadable : 0) | (directions[1].is_wanted() ? kWritable : 0);
    }
    Loop &loop;
    Direction directions[2];
  };
  Descriptor *find(int fd) const noexcept;
  Status want(int fd, unsigned direction, Descriptor *&ret_descriptor) noexcept;
  void unwant(Descriptor &descriptor) noexcept;
  void free_if_unwanted(Descriptor &descriptor) noexcept;
  void close(Direction &direction) noexcept;

  Loop &loop_;
  std::vector<Descriptor *> descriptors_;  // by number
};

}  // namespace boucle
