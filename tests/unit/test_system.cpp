// core/sys: descriptors, the waker, pages, mutexes and monitors, signals in a pipe.
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <unistd.h>

#include <atomic>
#include <chrono>
#include <cstdlib>
#include <cstring>
#include <thread>
#include <utility>

#include "base/pages.hpp"
#include "sys/clock.hpp"
#include "sys/fd.hpp"
#include "sys/monitor.hpp"
#include "sys/process.hpp"
#include "sys/signal_pipe.hpp"
#include "sys/waker.hpp"
#include "unit.hpp"

namespace {

using boucle::Clock;
using boucle::Fd;
using boucle::Monitor;
using boucle::Mutex;
using boucle::SignalPipe;
using boucle::Waker;

bool is_open(int fd) { return fcntl(fd, F_GETFD) >= 0; }

void fd_closes_what_it_owns_once(void **) {
  int number = dup(0);
  {
    Fd fd(number);
    assert_true(static_cast<bool>(fd) && fd.get() == number && is_open(number));
    Fd moved(std::move(fd));
    assert_true(!fd && fd.get() == -1 && moved.get() == number);
    fd.reset();  // owns nothing
    assert_true(is_open(number));
    Fd other;
    other = std::move(moved);
    assert_true(other.get() == number && !moved);
  }
  assert_false(is_open(number));
}

void fd_may_be_zero(void **) {
  int spare = dup(0);
  {
    Fd zero(0);
    assert_true(static_cast<bool>(zero));
  }
  assert_false(is_open(0));
  assert_int_equal(0, dup2(spare, 0));
  close(spare);
}

bool is_readable(int fd) {
  pollfd p{fd, POLLIN, 0};
  return ::poll(&p, 1, 0) == 1;
}

void waker_makes_its_descriptor_readable_until_cleared(void **) {
  Waker waker;
  assert_int_equal(0, waker.open());
  assert_true(fcntl(waker.fd(), F_GETFD) & FD_CLOEXEC);
  assert_false(is_readable(waker.fd()));
  waker.clear();  // does not wait for anything
  waker.wake();
  waker.wake();
  assert_true(is_readable(waker.fd()));
  waker.clear();
  assert_false(is_readable(waker.fd()));
}

void waker_that_is_full_leaves_errno_alone(void **) {
  Waker waker;
  assert_int_equal(0, waker.open());
  uint64_t nearly = UINT64_MAX - 1;
  assert_int_equal(sizeof nearly, write(waker.fd(), &nearly, sizeof nearly));
  errno = 77;
  waker.wake();
  assert_int_equal(77, errno);
  assert_true(is_readable(waker.fd()));
}

// ---- pages ----

size_t mapped_pages() {
  size_t pages = 0;
  FILE *statm = fopen("/proc/self/statm", "r");
  assert_non_null(statm);
  assert_int_equal(1, fscanf(statm, "%zu", &pages));
  fclose(statm);
  return pages;
}

void pages_are_aligned_zeroed_and_no_more_than_asked_for(void **) {
  constexpr size_t kSize = 1 << 20;
  constexpr int kMany = 40;
  char *all[kMany];
  static_cast<void>(mapped_pages());  // stdio has allocated its memory now
  size_t before = mapped_pages();
  for (char *&pages : all) {
    pages = static_cast<char *>(boucle::map_pages(kSize));
    assert_non_null(pages);
    assert_int_equal(0, reinterpret_cast<uintptr_t>(pages) % kSize);
    for (size_t at = 0; at < kSize; at += 512) assert_int_equal(0, pages[at]);
    std::memset(pages, 1, kSize);
  }
  size_t page = static_cast<size_t>(sysconf(_SC_PAGESIZE)), grown = (mapped_pages() - before) * page;
  assert_true(grown >= kMany * kSize && grown < (kMany + 8) * kSize);
  for (char *pages : all) boucle::unmap_pages(pages, kSize);
  assert_true((mapped_pages() - before) * page < 8 * kSize);
}

// ---- mutexes and monitors ----

void mutex_is_held_by_one_thread_at_a_time(void **) {
  Mutex mutex;
  assert_true(mutex.try_lock());
  std::thread([&] { assert_false(mutex.try_lock()); }).join();
  mutex.unlock();
  for (auto when : {Mutex::Lock::Wait, Mutex::Lock::Spin, Mutex::Lock::Yield}) {
    {
      Mutex::Lock lock(mutex, when);
      std::thread([&] { assert_false(mutex.try_lock()); }).join();
    }
    std::thread([&] {
      assert_true(mutex.try_lock());
      mutex.unlock();
    }).join();
  }
}

// A thread that wants the mutex gets it in the end, whether it spins or sleeps first.
void mutex_that_is_held_for_long_is_waited_for(void **) {
  for (auto when : {Mutex::Lock::Wait, Mutex::Lock::Spin, Mutex::Lock::Yield}) {
    Mutex mutex;
    std::atomic<bool> is_free = false, too_early = false, begun = false;
    mutex.lock();
    std::thread other([&] {
      begun = true;
      Mutex::Lock lock(mutex, when);
      too_early = !is_free;
    });
    while (!begun) std::this_thread::yield();
    std::this_thread::sleep_for(std::chrono::milliseconds(10));
    is_free = true;
    mutex.unlock();
    other.join();
    assert_false(too_early);
  }
}

void mutex_of_many_threads_excludes_them(void **) {
  Mutex mutex;
  int count = 0;
  std::thread threads[3];
  for (int t = 0; t < 3; ++t) {
    threads[t] = std::thread([&, t] {
      for (int i = 0; i < 20000; ++i) {
        Mutex::Lock lock(mutex, static_cast<Mutex::Lock::How>(t));
        ++count;
      }
    });
  }
  for (std::thread &thread : threads) thread.join();
  assert_int_equal(60000, count);
}

// On the monotonic clock; not before, and not for ever.
void monitor_waits_until_the_time_given(void **) {
  Monitor monitor;
  Monitor::Lock lock(monitor);
  for (int64_t span : {int64_t{0}, int64_t{3'000'000}}) {
    int64_t when = Clock::monotonic() + span;
    while (Clock::monotonic() < when) monitor.wait_until(when);
    assert_true(Clock::monotonic() - when < 20'000'000'000);
  }
  monitor.wait_until(Clock::monotonic() - 5'000'000'000);  // is over
}

void monitor_notifies_one_and_all(void **) {
  Monitor monitor;
  int tickets = 0;
  std::atomic<int> woken{0};
  std::thread threads[3];
  for (std::thread &thread : threads) {
    thread = std::thread([&] {
      Monitor::Lock lock(monitor);
      while (tickets == 0) monitor.wait();
      --tickets;
      woken.fetch_add(1);
    });
  }
  {
    Monitor::Lock lock(monitor);
    tickets = 1;
    monitor.notify_one();
  }
  while (woken.load() < 1) {
  }
  {
    Monitor::Lock lock(monitor);
    tickets = 2;
    monitor.notify_all();
  }
  for (std::thread &thread : threads) thread.join();
  assert_int_equal(3, woken.load());
}

// ---- signals ----

void signals_come_out_in_their_order(void **) {
  SignalPipe pipe;
  assert_false(pipe.is_open());
  assert_int_equal(0, pipe.open());
  assert_true(pipe.is_open());
  assert_int_equal(0, pipe.claim(SIGUSR1));
  assert_int_equal(0, pipe.claim(SIGUSR1));  // has it already
  assert_int_equal(0, pipe.claim(SIGUSR2));
  assert_int_equal(0, pipe.next());
  raise(SIGUSR2);
  raise(SIGUSR1);
  assert_true(is_readable(pipe.fd()));
  assert_int_equal(SIGUSR2, pipe.next());
  assert_int_equal(SIGUSR1, pipe.next());
  assert_int_equal(0, pipe.next());
}

void signals_belong_to_one_pipe_at_a_time(void **) {
  SignalPipe first, second;
  assert_int_equal(0, first.open());
  assert_int_equal(0, second.open());
  assert_int_equal(0, first.claim(SIGUSR1));
  assert_int_equal(-EEXIST, second.claim(SIGUSR1));
  second.release(SIGUSR1);  // is not its own
  raise(SIGUSR1);
  assert_int_equal(SIGUSR1, first.next());
  assert_int_equal(0, second.next());
  first.release(SIGUSR1);
  assert_int_equal(0, second.claim(SIGUSR1));
  first = SignalPipe();
  raise(SIGUSR1);
  assert_int_equal(SIGUSR1, second.next());
}

void signals_out_of_range_cannot_be_claimed(void **) {
  SignalPipe pipe;
  assert_int_equal(0, pipe.open());
  for (int signal : {-1, 0, 65, 1000, SIGKILL, SIGSTOP}) {
    for (int i = 0; i < 2; ++i) assert_int_equal(-EINVAL, pipe.claim(signal));
  }
  assert_int_equal(0, pipe.claim(64));
}

void signals_keep_their_pipe_when_it_is_moved(void **) {
  SignalPipe pipe;
  {
    SignalPipe made;
    assert_int_equal(0, made.open());
    assert_int_equal(0, made.claim(SIGUSR1));
    pipe = std::move(made);
  }
  raise(SIGUSR1);
  assert_int_equal(SIGUSR1, pipe.next());
}

void environment_flag_is_the_value_1(void **) {
  unsetenv("BOUCLE_TEST_FLAG");
  assert_false(boucle::environment_flag("BOUCLE_TEST_FLAG"));
  for (const char *value : {"", "0", "10", "yes"}) {
    setenv("BOUCLE_TEST_FLAG", value, 1);
    assert_false(boucle::environment_flag("BOUCLE_TEST_FLAG"));
  }
  setenv("BOUCLE_TEST_FLAG", "1", 1);
  assert_true(boucle::environment_flag("BOUCLE_TEST_FLAG"));
}

}  // namespace

int main() {
  const CMUnitTest tests[] = {
      cmocka_unit_test(fd_closes_what_it_owns_once),
      cmocka_unit_test(fd_may_be_zero),
      cmocka_unit_test(waker_makes_its_descriptor_readable_until_cleared),
      cmocka_unit_test(waker_that_is_full_leaves_errno_alone),
      cmocka_unit_test(pages_are_aligned_zeroed_and_no_more_than_asked_for),
      cmocka_unit_test(mutex_is_held_by_one_thread_at_a_time),
      cmocka_unit_test(mutex_that_is_held_for_long_is_waited_for),
      cmocka_unit_test(mutex_of_many_threads_excludes_them),
      cmocka_unit_test(monitor_waits_until_the_time_given),
      cmocka_unit_test(monitor_notifies_one_and_all),
      cmocka_unit_test(signals_come_out_in_their_order),
      cmocka_unit_test(signals_belong_to_one_pipe_at_a_time),
      cmocka_unit_test(signals_out_of_range_cannot_be_claimed),
      cmocka_unit_test(signals_keep_their_pipe_when_it_is_moved),
      cmocka_unit_test(environment_flag_is_the_value_1),
  };
  return cmocka_run_group_tests_name("system", tests, nullptr, nullptr);
}
