// The current loop of a thread: set by whoever wants it, and asked for where no loop runs.
#include "loop/loop.hpp"

namespace boucle {

struct Loop::Current {
  Loop *loop = nullptr;
  // Runs when the thread ends. What is destroyed then may set another loop. A child of a fork leaves its parent's
  // alone.
  ~Current() {
    while (Loop *last = std::exchange(loop, nullptr)) {
      if (!last->is_forked()) last->unref();
    }
  }
};

thread_local Loop::Current Loop::current_;

Loop *Loop::current_here() noexcept {
  if (Loop *running = running_here()) return running;
  Loop *loop = current_.loop;
  return loop && !loop->is_forked() ? loop : nullptr;
}

Status Loop::set_current(Loop *loop) noexcept {
  if (loop && loop->is_forked()) return status::FORKED;
  if (loop) loop->ref();
  if (Loop *former = std::exchange(current_.loop, loop)) former->unref();
  return 0;
}

}  // namespace boucle
