// What the unit tests of the core's rooms stand on: cmocka, from C++. They are linked with the static library.
#pragma once

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

extern "C" {
#include <cmocka.h>
}

// A deterministic source of numbers: the same tests at each run.
class Numbers {
 public:
  uint64_t next() noexcept {
    state_ = state_ * 6364136223846793005u + 1442695040888963407u;
    return state_ >> 33;
  }

 private:
  uint64_t state_ = 1;
};
