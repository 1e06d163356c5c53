// core/sys: stacks, and the pool that keeps them.
#include <signal.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <errno.h>
#include <unistd.h>

#include <cstring>
#include <fstream>
#include <set>
#include <vector>

#include "sys/stack_pool.hpp"
#include "unit.hpp"

namespace {

using boucle::Stack;
using boucle::StackPool;

void stack_has_whole_pages_and_at_least_two(void **) {
  StackPool least(1), odd(3 * 4096 + 1);
  Stack small = least.take(), large = odd.take();
  assert_int_equal(2 * 4096, small.size);
  assert_int_equal(4 * 4096, large.size);
  std::memset(small.bottom, 1, small.size);
  std::memset(large.bottom, 1, large.size);
  least.give(small);
  odd.give(large);
}

void stack_that_came_back_last_is_taken_first(void **) {
  StackPool pool(8192);
  Stack one = pool.take(), two = pool.take();
  assert_ptr_not_equal(one.bottom, two.bottom);
  pool.give(one);
  pool.give(two);
  assert_ptr_equal(two.bottom, pool.take().bottom);
  assert_ptr_equal(one.bottom, pool.take().bottom);
  pool.give(one);
  pool.give(two);
}

// More than are kept: some are unmapped, others lose all but their topmost page, and all can be used again.
void stacks_of_a_peak_can_be_used_again(void **) {
  StackPool pool(16384);
  std::vector<Stack> stacks;
  for (int round = 0; round < 2; ++round) {
    std::set<char *> bottoms;
    for (int i = 0; i < 2000; ++i) {
      stacks.push_back(pool.take());
      bottoms.insert(stacks.back().bottom);
      std::memset(stacks.back().bottom, i, stacks.back().size);
    }
    assert_int_equal(2000, bottoms.size());
    for (Stack stack : stacks) pool.give(stack);
    stacks.clear();
    assert_true(pool.has_surplus());
    int slices = 0;
    for (; pool.has_surplus(); ++slices) pool.trim();
    assert_true(slices > 10);
  }
}

// Whether the page below the stack is a guard: an access there faults, and one above does not.
bool is_guarded(Stack stack) {
  pid_t child = fork();
  if (child == 0) {
    signal(SIGSEGV, SIG_DFL);
    const rlimit none = {0, 0};
    setrlimit(RLIMIT_CORE, &none);
    *static_cast<volatile char *>(stack.bottom) = 1;
    *static_cast<volatile char *>(stack.bottom - 1) = 1;
    _exit(0);
  }
  int status = 0;
  waitpid(child, &status, 0);
  return WIFSIGNALED(status);
}

void stack_of_another_size_is_whole_guarded_and_kept(void **) {
  StackPool pool(8192);
  Stack large = pool.take(5 * 4096 - 1);
  assert_int_equal(5 * 4096, large.size);
  std::memset(large.bottom, 1, large.size);
  assert_true(is_guarded(large));
  pool.give(large);
  assert_false(pool.has_surplus());
  Stack other = pool.take(6 * 4096), again = pool.take(5 * 4096);
  assert_int_equal(6 * 4096, other.size);
  assert_ptr_equal(large.bottom, again.bottom);
  assert_int_equal(0, again.bottom[0]);  // its memory was given back
  assert_true(is_guarded(again));
  pool.give(other);
  pool.give(again);
}

void stack_of_the_pools_size_is_the_pools_own(void **) {
  StackPool pool(8192);
  Stack one = pool.take(0);
  assert_int_equal(8192, one.size);
  pool.give(one);
  assert_ptr_equal(one.bottom, pool.take(8000).bottom);
  pool.give(one);
}

// The pages of this process's address space. Not the number of its mappings: the kernel joins neighbours.
size_t address_space() {
  std::ifstream statm("/proc/self/statm");
  size_t pages = 0;
  statm >> pages;
  return pages;
}

// More stacks of other sizes than are kept: those that came back first are unmapped.
void stacks_of_many_sizes_are_not_all_kept(void **) {
  StackPool pool(8192);
  size_t before = address_space();
  std::vector<Stack> stacks;
  for (size_t pages = 3; pages < 203; ++pages) stacks.push_back(pool.take(pages * 4096));
  for (Stack stack : stacks) pool.give(stack);
  assert_true(address_space() < before + 8 * 203 + 100);  // of some 20,000
  Stack last = pool.take(202 * 4096);
  assert_ptr_equal(stacks.back().bottom, last.bottom);
  pool.give(last);
}

// The system refuses to copy from there: so the test sees the fault without a signal.
bool can_be_read(const char *address, int pipe) {
  if (write(pipe, address, 1) == 1) return true;
  assert_int_equal(EFAULT, errno);
  return false;
}

void stack_ends_at_a_guard_page(void **) {
  StackPool pool(16384);
  std::vector<Stack> stacks;
  int ends[2];
  assert_int_equal(0, pipe(ends));
  for (int i = 0; i < 20; ++i) {
    Stack stack = stacks.emplace_back(pool.take());
    assert_true(can_be_read(stack.bottom, ends[1]));
    assert_true(can_be_read(stack.top() - 1, ends[1]));
    assert_false(can_be_read(stack.bottom - 1, ends[1]));
    assert_false(can_be_read(stack.bottom - sysconf(_SC_PAGESIZE), ends[1]));
  }
  for (Stack stack : stacks) pool.give(stack);
  while (pool.has_surplus()) pool.trim();
  for (int i = 0; i < 20; ++i) assert_false(can_be_read(pool.take().bottom - 1, ends[1]));
  for (Stack stack : stacks) pool.give(stack);
  close(ends[0]);
  close(ends[1]);
}

// Returns how many of `count` stacks still have what was written at their bottom after the pool was trimmed.
int kept_as_they_are(size_t size, int count) {
  StackPool pool(size);
  std::vector<Stack> stacks;
  int kept = 0;
  for (int i = 0; i < count; ++i) *stacks.emplace_back(pool.take()).bottom = 1;
  for (Stack stack : stacks) pool.give(stack);
  while (pool.has_surplus()) pool.trim();
  stacks.clear();
  for (int i = 0; i < count; ++i) kept += *stacks.emplace_back(pool.take()).bottom == 1;
  for (Stack stack : stacks) pool.give(stack);
  return kept;
}

void stacks_kept_with_their_memory_are_few_and_small(void **) {
  assert_int_equal(10, kept_as_they_are(16384, 10));
  assert_int_equal(64, kept_as_they_are(16384, 64));
  assert_int_equal(64, kept_as_they_are(16384, 200));
  assert_int_equal(4, kept_as_they_are(1024 * 1024, 10));
  assert_int_equal(1, kept_as_they_are(16 * 1024 * 1024, 5));
}

void stacks_beyond_a_thousand_are_unmapped(void **) {
  StackPool pool(8192);
  std::vector<Stack> stacks;
  int ends[2], mapped = 0;
  assert_int_equal(0, pipe(ends));
  for (int i = 0; i < 1500; ++i) stacks.push_back(pool.take());
  for (Stack stack : stacks) pool.give(stack);
  while (pool.has_surplus()) pool.trim();
  for (Stack stack : stacks) mapped += can_be_read(stack.top() - 1, ends[1]);
  assert_int_equal(64 + 1024, mapped);
  close(ends[0]);
  close(ends[1]);
}

void stack_without_memory_is_empty(void **) {
  StackPool pool(size_t{1} << 50);
  Stack stack = pool.take();
  assert_false(static_cast<bool>(stack));
  assert_false(pool.has_surplus());
}

}  // namespace

int main() {
  const CMUnitTest tests[] = {
      cmocka_unit_test(stack_has_whole_pages_and_at_least_two),
      cmocka_unit_test(stack_that_came_back_last_is_taken_first),
      cmocka_unit_test(stacks_of_a_peak_can_be_used_again),
      cmocka_unit_test(stack_of_another_size_is_whole_guarded_and_kept),
      cmocka_unit_test(stack_of_the_pools_size_is_the_pools_own),
      cmocka_unit_test(stacks_of_many_sizes_are_not_all_kept),
      cmocka_unit_test(stack_ends_at_a_guard_page),
      cmocka_unit_test(stacks_kept_with_their_memory_are_few_and_small),
      cmocka_unit_test(stacks_beyond_a_thousand_are_unmapped),
      cmocka_unit_test(stack_without_memory_is_empty),
  };
  return cmocka_run_group_tests_name("stack", tests, nullptr, nullptr);
}
