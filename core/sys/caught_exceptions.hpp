// CaughtExceptions: the C++ exceptions that are being handled on a stack, or thrown.
//
// The C++ runtime keeps them for each thread, as one list. Two bodies that each wait inside a `catch` block would share
// that list, and end the handling of each other's exceptions. So each stack has a list of its own, which is the thread's
// while the stack is in use.
#pragma once

#include <cxxabi.h>

#include <utility>

namespace boucle {

class CaughtExceptions {
 public:
  // Exchanges these with the thread's.
  void exchange() noexcept { std::swap(state_, *reinterpret_cast<State *>(abi::__cxa_get_globals())); }

 private:
  // __cxa_eh_globals of the Itanium C++ ABI, which is opaque in cxxabi.h.
  struct State {
    void *caught = nullptr;
    unsigned uncaught = 0;
#ifdef __ARM_EABI_UNWINDER__
    void *propagating = nullptr;
#endif
  };
  State state_;
};

}  // namespace boucle
