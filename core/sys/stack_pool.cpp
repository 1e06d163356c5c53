#include "sys/stack_pool.hpp"

#include <sys/mman.h>
#include <unistd.h>

#include <algorithm>
#include <new>

#include "sys/sanitizers.hpp"

namespace boucle {
namespace {

size_t page_size() noexcept {
  static const size_t size = static_cast<size_t>(sysconf(_SC_PAGESIZE));
  return size;
}

size_t round_up_to_pages(size_t size) noexcept {
  size_t page = page_size();
  return std::max(2 * page, (size + page - 1) / page * page);
}

// Makes any access to the page a SIGSEGV. Linux 6.13 and newer can do this without splitting the mapping, so that the
// number of stacks is not limited by that of mappings. Older kernels return EINVAL.
bool guard(void *page) noexcept {
  constexpr int kGuardInstall = 102;  // MADV_GUARD_INSTALL
  return madvise(page, page_size(), kGuardInstall) == 0 || mprotect(page, page_size(), PROT_NONE) == 0;
}

}  // namespace

struct StackPool::Free {
  Stack stack;
  Free *next;
};

void StackPool::FreeList::put(Stack stack) noexcept {
  top = new (stack.top() - sizeof(Free)) Free{stack, top};
  ++count;
}

Stack StackPool::FreeList::get() noexcept {
  Stack stack = top->stack;
  top = top->next;
  --count;
  return stack;
}

StackPool::StackPool(size_t size) noexcept
    : size_(round_up_to_pages(size)), max_warm_(std::clamp<size_t>(kMaxWarmBytes / size_, 1, kMaxWarm)) {}

StackPool::~StackPool() {
  while (warm_.count) unmap(warm_.get());
  while (cold_.count) unmap(cold_.get());
  while (other_count_) unmap(others_[--other_count_]);
}

Stack StackPool::map(size_t size) noexcept {
  size_t page = page_size();
  void *memory = mmap(nullptr, page + size, PROT_READ | PROT_WRITE,
                      MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE | MAP_STACK, -1, 0);
  if (memory == MAP_FAILED) return {};
  if (!guard(memory)) {
    munmap(memory, page + size);
    return {};
  }
  Stack stack{static_cast<char *>(memory) + page, size};
  stack.valgrind_id = sanitizers::register_stack(stack.bottom, stack.top());
  return stack;
}

void StackPool::unmap(Stack stack) noexcept {
  sanitizers::unregister_stack(stack.valgrind_id);
  munmap(stack.bottom - page_size(), page_size() + stack.size);
}

Stack StackPool::take() noexcept {
  if (warm_.count) return warm_.get();
  return cold_.count ? cold_.get() : map(size_);
}

Stack StackPool::take(size_t size) noexcept {
  if (size == 0 || (size = round_up_to_pages(size)) == size_) return take();
  return take_other(size);
}

void StackPool::give(Stack stack) noexcept {
  sanitizers::unpoison_stack(stack.bottom, stack.size);
  if (stack.size != size_) [[unlikely]]
    return give_other(stack);
  warm_.put(stack);
}

Stack StackPool::take_other(size_t size) noexcept {
  Stack *end = others_ + other_count_;
  Stack *found = std::find_if(others_, end, [size](const Stack &kept) { return kept.size == size; });
  if (found == end) return map(size);
  Stack stack = *found;
  std::copy(found + 1, end, found);
  --other_count_;
  return stack;
}

// Such stacks may be large, so their memory is given back at once, except the page that the next user accesses first.
void StackPool::give_other(Stack stack) noexcept {
  madvise(stack.bottom, stack.size - page_size(), MADV_DONTNEED);
  if (other_count_ == kMaxOthers) {
    unmap(others_[0]);
    std::copy(others_ + 1, others_ + kMaxOthers, others_);
    --other_count_;
  }
  others_[other_count_++] = stack;
}

void StackPool::trim() noexcept {
  for (int i = 0; i < kTrim && has_surplus(); ++i) {
    Stack stack = warm_.get();
    if (cold_.count >= kMaxCold) {
      unmap(stack);
      continue;
    }
    // The topmost page is kept: it has the record, and the next user of the stack accesses it first.
    madvise(stack.bottom, stack.size - page_size(), MADV_DONTNEED);
    cold_.put(stack);
  }
}

}  // namespace boucle
