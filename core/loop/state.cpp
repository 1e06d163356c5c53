#include "loop/state.hpp"

#include <utility>

#include "loop/loop.hpp"

namespace boucle {

Status LoopState::refusal() const noexcept {
  if (is_forked()) return status::FORKED;
  return runs_elsewhere() ? status::WRONGTHREAD : 0;
}

Status LoopState::check_run() const noexcept {
  if (is_closed()) return status::CLOSED;
  if (is_forked()) return status::FORKED;
  return is_running() || running_ ? status::RUNNING : 0;
}

bool LoopState::close() noexcept {
  if (closed_.exchange(true)) return false;
  set_stage(Stage::Closed);
  return true;
}

Loop *LoopState::leave_in_child() noexcept {
  LoopState *state = std::exchange(running_, nullptr);
  if (!state) return nullptr;
  state->set_stage(Stage::Idle);
  state->left_in_child_ = true;
  return &state->loop_;
}

}  // namespace boucle
