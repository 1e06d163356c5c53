// StackPool: memory for coroutines to run on. One thread at a time.
//
// Every stack has a guard page below it, so that an overflow is a clean SIGSEGV. Memory is committed page by page as it is
// touched. Stacks that come back are kept as they are, for the next peak, until trim() is called, which the loop does
// before it sleeps: then a few stay as they are, more with only their topmost page, and the rest are unmapped.
//
// Stacks of another size than the pool's are few: the last that came back are kept, without their memory.
//
// Invariant: free stacks of the pool's size are chained through a record at their top.
#pragma once

#include <cstddef>

namespace boucle {

// The usable part, without its guard page.
struct Stack {
  char *bottom = nullptr;
  size_t size = 0;
  unsigned valgrind_id = 0;

  char *top() const noexcept { return bottom + size; }
  explicit operator bool() const noexcept { return bottom != nullptr; }
};

class StackPool {
 public:
  // Sizes are rounded up to pages, at least two.
  explicit StackPool(size_t size) noexcept;
  StackPool(const StackPool &) = delete;
  StackPool &operator=(const StackPool &) = delete;
  ~StackPool();

  // An empty one if there is no memory, or no room for another mapping (vm.max_map_count; kernels before 6.13).
  Stack take() noexcept;
  // One of that size; 0: the pool's.
  Stack take(size_t size) noexcept;
  void give(Stack stack) noexcept;

  // More are kept as they are than should be while the loop sleeps.
  bool has_surplus() const noexcept { return warm_.count > max_warm_; }
  // Sees to some of them, few enough to take well under a millisecond.
  void trim() noexcept;

 private:
  struct Free;
  struct FreeList {
    Free *top = nullptr;
    size_t count = 0;
    void put(Stack stack) noexcept;
    Stack get() noexcept;
  };
  // How many are kept as they are, and how much memory they may hold; how many with one page each.
  static constexpr size_t kMaxWarm = 64, kMaxWarmBytes = 4 * 1024 * 1024, kMaxCold = 1024;
  static constexpr int kTrim = 64;
  static constexpr size_t kMaxOthers = 8;

  static Stack map(size_t size) noexcept;
  static void unmap(Stack stack) noexcept;
  Stack take_other(size_t size) noexcept;
  void give_other(Stack stack) noexcept;

  const size_t size_;
  const size_t max_warm_;
  FreeList warm_, cold_;
  Stack others_[kMaxOthers];  // of other sizes, in the order in which they came back
  size_t other_count_ = 0;
};

}  // namespace boucle
