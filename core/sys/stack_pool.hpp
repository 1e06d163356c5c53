// StackPool: memory for the stacks of coroutines. Threads: one at a time.
//
// There is a guard page below each stack, so that an overflow is a SIGSEGV. The system commits memory page by page, at
// the first access. Stacks that are given back keep their memory for the next peak, until the loop calls trim(), before
// it sleeps. Then some stacks keep all of their memory (warm), more keep only their topmost page (cold), and the rest
// are unmapped.
//
// Stacks of another size than the pool's are few: the last ones that were given back are kept, without their memory.
//
// Invariant: free stacks of the pool's size are chained through a record at their top.
#pragma once

#include <cstddef>

namespace boucle {

// Stack: the part that can be used, without the guard page.
struct Stack {
  char *bottom = nullptr;
  size_t size = 0;
  unsigned valgrind_id = 0;

  char *top() const noexcept { return bottom + size; }
  explicit operator bool() const noexcept { return bottom != nullptr; }
};

class StackPool {
 public:
  // Sizes are rounded up to whole pages, at least two.
  explicit StackPool(size_t size) noexcept;
  StackPool(const StackPool &) = delete;
  StackPool &operator=(const StackPool &) = delete;
  ~StackPool();

  // Returns an empty Stack if there is no memory, or if the process has too many mappings (vm.max_map_count; kernels
  // before 6.13).
  Stack take() noexcept;
  // Returns a stack of that size; 0 is the pool's size.
  Stack take(size_t size) noexcept;
  void give(Stack stack) noexcept;

  // Returns true if more stacks have all of their memory than should have it while the loop sleeps.
  bool has_surplus() const noexcept { return warm_.count > max_warm_; }
  // Makes some of them cold, or unmaps them: so few that it takes much less than a millisecond.
  void trim() noexcept;

 private:
  struct Free;
  struct FreeList {
    Free *top = nullptr;
    size_t count = 0;
    void put(Stack stack) noexcept;
    Stack get() noexcept;
  };
  // The largest number of warm stacks, and of their bytes, while the loop sleeps; the largest number of cold ones.
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
  Stack others_[kMaxOthers];  // of other sizes, in the order in which they were given back
  size_t other_count_ = 0;
};

}  // namespace boucle
