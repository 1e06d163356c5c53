// CaughtExceptions: the C++ exceptions of a stack that are being handled or thrown.
//
// The C++ runtime has one list of them for each thread. Two bodies that both wait inside a `catch` block would share
// that list, and end the handling of each other's exceptions. So each stack has a list of its own, and it is the
// thread's list while the stack is in use (D41).
#pragma once

#include <cxxabi.h>

#include <utility>

namespace boucle {

class CaughtExceptions {
 public:
  // Exchanges this list with that of the thread.
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
