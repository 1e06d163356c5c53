// LoopOptions: what a loop is made with.
#pragma once

#include <cstddef>
#include <cstdint>

#include "base/counted.hpp"
#include "sys/io.hpp"
#include "sys/process.hpp"

namespace boucle {

struct LoopOptions : Counted<LoopOptions> {
  bool virtual_clock = false;
  PollerKind poller = PollerKind::Auto;
  bool debug = environment_flag("BOUCLE_DEBUG");
  size_t stack_size = 64 * 1024;
  size_t executor_threads = 4;
  int64_t spin_ns = 0;
  int64_t timer_slack_ns = 1'000'000;
  size_t post_limit = 64 * 1024 * 1024;
  static void destroy(LoopOptions *options) noexcept { delete options; }
};

}  // namespace boucle
