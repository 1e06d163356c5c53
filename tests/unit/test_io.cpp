// core/sys: each Io, the waker, the clock. Every case runs for both pollers.
#include <errno.h>
#include <fcntl.h>
#include <unistd.h>

#include <map>
#include <memory>
#include <thread>

#include "sys/clock.hpp"
#include "sys/io.hpp"
#include "sys/waker.hpp"
#include "unit.hpp"

namespace {

using boucle::Fd;
using boucle::kEdge;
using boucle::kReadable;
using boucle::kWritable;
using boucle::IoResult;
using boucle::Io;
using boucle::List;
using boucle::PollerKind;
using boucle::Source;

constexpr int64_t kLong = 10'000'000'000;

struct Pipe {
  Pipe() {
    int ends[2];
    assert_int_equal(0, pipe2(ends, O_CLOEXEC | O_NONBLOCK));
    reader = Fd(ends[0]);
    writer = Fd(ends[1]);
  }
  Fd reader, writer;
};

void on_ready(Source &, unsigned, List &) noexcept {}

// An Io, and a source for each descriptor that a test names.
struct Poller {
  boucle::Status want(int fd, unsigned interest) {
    auto [found, is_new] = sources.try_emplace(fd, fd, on_ready);
    return io->set_interest(found->second, interest);
  }
  std::span<const IoResult> wait(int64_t timeout_ns) { return io->wait(timeout_ns); }
  int fd() const { return io->fd(); }

  std::map<int, Source> sources;
  std::unique_ptr<Io> io;
};

std::unique_ptr<Poller> make(void **state) {
  auto poller = std::make_unique<Poller>();
  assert_int_equal(0, Io::make(*static_cast<PollerKind *>(*state), poller->io));
  return poller;
}

void poller_of_nothing_waits_for_the_timeout(void **state) {
  auto poller = make(state);
  int64_t start = boucle::Clock::monotonic();
  assert_int_equal(0, poller->wait(2'000'000).size());
  assert_true(boucle::Clock::monotonic() - start >= 2'000'000);
  assert_int_equal(0, poller->wait(0).size());
}

void poller_tells_what_is_ready(void **state) {
  auto poller = make(state);
  Pipe pipe;
  assert_int_equal(0, poller->want(pipe.reader.get(), kReadable));
  assert_int_equal(0, poller->wait(0).size());
  assert_int_equal(1, write(pipe.writer.get(), "x", 1));
  for (int i = 0; i < 2; ++i) {  // level-triggered
    auto ready = poller->wait(kLong);
    assert_int_equal(1, ready.size());
    assert_int_equal(pipe.reader.get(), ready[0].source->fd);
    assert_int_equal(kReadable, ready[0].ready);
  }
}

void poller_interest_can_change_and_go(void **state) {
  auto poller = make(state);
  Pipe pipe;
  int fd = pipe.writer.get();
  assert_int_equal(0, poller->want(fd, kReadable));
  assert_int_equal(0, poller->wait(0).size());
  assert_int_equal(0, poller->want(fd, kReadable | kWritable));
  assert_int_equal(kWritable, poller->wait(kLong)[0].ready & kWritable);
  assert_int_equal(0, poller->want(fd, 0));
  assert_int_equal(0, poller->wait(0).size());
}

void poller_hang_up_wakes_readers(void **state) {
  auto poller = make(state);
  Pipe pipe;
  assert_int_equal(0, poller->want(pipe.reader.get(), kReadable));
  pipe.writer.reset();
  auto ready = poller->wait(kLong);
  assert_int_equal(1, ready.size());
  assert_true(ready[0].ready & kReadable);
}

void poller_refuses_bad_descriptors_and_regular_files(void **state) {
  auto poller = make(state);
  Fd file(open("/proc/self/exe", O_RDONLY | O_CLOEXEC));
  int closed = dup(file.get());
  close(closed);
  assert_int_equal(-EBADF, poller->want(closed, kReadable));
  assert_int_equal(-EPERM, poller->want(file.get(), kReadable));
  assert_int_equal(0, poller->wait(0).size());
}

void poller_forgets_a_descriptor_closed_behind_its_back(void **state) {
  auto poller = make(state);
  Pipe pipe;
  int fd = pipe.reader.get();
  assert_int_equal(0, poller->want(fd, kReadable));
  pipe.reader.reset();
  assert_int_equal(0, poller->want(fd, 0));
  assert_int_equal(0, poller->wait(0).size());
}

void poller_of_many_descriptors_tells_all(void **state) {
  auto poller = make(state);
  std::unique_ptr<Pipe[]> pipes(new Pipe[100]);
  for (int i = 0; i < 100; ++i) {
    assert_int_equal(0, poller->want(pipes[i].reader.get(), kReadable));
    if (i % 2) assert_int_equal(1, write(pipes[i].writer.get(), "x", 1));
  }
  assert_int_equal(50, poller->wait(kLong).size());
}

// Removing one leaves the others, whichever it is.
void poller_of_many_forgets_only_the_one_that_goes(void **state) {
  for (int gone = 0; gone < 4; ++gone) {
    auto poller = make(state);
    Pipe pipes[4];
    for (Pipe &pipe : pipes) {
      assert_int_equal(0, poller->want(pipe.reader.get(), kReadable));
      assert_int_equal(1, write(pipe.writer.get(), "x", 1));
    }
    assert_int_equal(4, poller->wait(kLong).size());
    assert_int_equal(0, poller->want(pipes[gone].reader.get(), 0));
    auto ready = poller->wait(kLong);
    assert_int_equal(3, ready.size());
    int sum = 0, expected = 0;
    for (auto &r : ready) sum += r.source->fd;
    for (int i = 0; i < 4; ++i) expected += i == gone ? 0 : pipes[i].reader.get();
    assert_int_equal(expected, sum);
  }
}

// If more are ready than a poller returns at once, the next calls return the others.
void poller_of_hundreds_tells_all_in_the_end(void **state) {
  constexpr int kPipes = 300;
  auto poller = make(state);
  std::unique_ptr<Pipe[]> pipes(new Pipe[kPipes]);
  for (int i = 0; i < kPipes; ++i) {
    assert_int_equal(0, poller->want(pipes[i].reader.get(), kReadable));
    assert_int_equal(1, write(pipes[i].writer.get(), "x", 1));
  }
  int told = 0;
  for (int look = 0; look < 10 && told < kPipes; ++look) {
    for (auto &r : poller->wait(kLong)) {
      char byte;
      told += read(r.source->fd, &byte, 1) == 1;
    }
  }
  assert_int_equal(kPipes, told);
  assert_int_equal(0, poller->wait(0).size());
}

void poller_hang_up_and_error_are_both_directions(void **state) {
  auto poller = make(state);
  Pipe hung, broken;
  assert_int_equal(0, poller->want(hung.reader.get(), kWritable));
  hung.writer.reset();
  assert_int_equal(kReadable | kWritable, poller->wait(kLong)[0].ready);
  assert_int_equal(0, poller->want(hung.reader.get(), 0));
  char block[4096] = {};
  while (write(broken.writer.get(), block, sizeof block) > 0) {
  }
  assert_int_equal(0, poller->want(broken.writer.get(), kReadable));
  assert_int_equal(0, poller->wait(0).size());
  broken.reader.reset();
  assert_int_equal(kReadable | kWritable, poller->wait(kLong)[0].ready);
}

// One source at most for each descriptor; the first one keeps it.
void poller_refuses_a_second_source(void **state) {
  auto poller = make(state);
  Pipe pipe;
  int fd = pipe.reader.get();
  Source second(fd, on_ready);
  assert_int_equal(0, poller->want(fd, kReadable));
  assert_int_equal(boucle::status::BUSY, poller->io->set_interest(second, kReadable));
  assert_int_equal(0, second.interest);
  assert_ptr_equal(&poller->sources.at(fd), poller->io->source_of(fd));
  assert_int_equal(0, poller->want(fd, 0));
  assert_null(poller->io->source_of(fd));
  assert_int_equal(0, poller->io->set_interest(second, kReadable));
  assert_int_equal(1, write(pipe.writer.get(), "x", 1));
  assert_ptr_equal(&second, poller->wait(kLong)[0].source);
  assert_int_equal(0, poller->io->set_interest(second, 0));
  assert_null(poller->io->source_of(-1));
  assert_null(poller->io->source_of(1 << 20));
}

// The kernel goes on watching what was closed while a duplicate lives. Its events reach nobody, and are told once.
void poller_tells_of_a_descriptor_that_it_lost(void **state) {
  if (*static_cast<PollerKind *>(*state) != PollerKind::Epoll) return;
  auto poller = make(state);
  Pipe pipe;
  int fd = pipe.reader.get();
  assert_int_equal(0, poller->want(fd, kReadable));
  Fd duplicate(dup(fd));
  pipe.reader.reset();
  assert_int_equal(0, poller->want(fd, 0));
  assert_int_equal(1, write(pipe.writer.get(), "x", 1));
  assert_int_equal(0, poller->wait(kLong).size());
  assert_int_equal(fd, poller->io->take_lost());
  assert_int_equal(-1, poller->io->take_lost());
  assert_int_equal(0, poller->wait(0).size());
  assert_int_equal(-1, poller->io->take_lost());
}

void poller_watches_a_number_that_became_another_file(void **state) {
  auto poller = make(state);
  Pipe pipe, other;
  int fd = pipe.reader.get();
  assert_int_equal(0, poller->want(fd, kReadable));
  assert_int_equal(fd, dup2(other.reader.get(), fd));  // the former one is closed by this
  assert_int_equal(0, poller->want(fd, kReadable | kWritable));
  assert_int_equal(0, poller->wait(0).size());
  assert_int_equal(1, write(other.writer.get(), "x", 1));
  auto ready = poller->wait(kLong);
  assert_int_equal(1, ready.size());
  assert_int_equal(fd, ready[0].source->fd);
}

void poller_watches_a_duplicate_of_what_it_still_knows(void **state) {
  auto poller = make(state);
  Pipe pipe;
  int fd = pipe.reader.get();
  assert_int_equal(0, poller->want(fd, kReadable));
  Fd spare(dup(fd));
  close(fd);
  assert_int_equal(0, poller->want(fd, 0));
  assert_int_equal(fd, dup2(spare.get(), fd));
  assert_int_equal(0, poller->want(fd, kReadable));
  assert_int_equal(1, write(pipe.writer.get(), "x", 1));
  assert_true(poller->wait(kLong).size() >= 1);
}

// Not before the time, and at most a few milliseconds (here: seconds) after it.
void poller_wait_is_never_early(void **state) {
  auto poller = make(state);
  for (int64_t timeout : {int64_t{1}, int64_t{100'000}, int64_t{1'000'000}, int64_t{1'500'000}, int64_t{10'000'001}}) {
    int64_t start = boucle::Clock::monotonic();
    assert_int_equal(0, poller->wait(timeout).size());
    int64_t took = boucle::Clock::monotonic() - start;
    assert_true(took >= timeout && took < 20'000'000'000);
  }
}

// Longer than an int of milliseconds can hold, and without limit.
void poller_wait_without_end_ends_with_what_is_ready(void **state) {
  auto poller = make(state);
  Pipe pipe;
  assert_int_equal(0, poller->want(pipe.reader.get(), kReadable));
  for (int64_t timeout : {int64_t{-1}, INT64_MAX, int64_t{10'000'000'000'000'000}}) {
    char byte;
    std::thread thread([&] {
      usleep(2000);
      assert_int_equal(1, write(pipe.writer.get(), "x", 1));
    });
    assert_int_equal(1, poller->wait(timeout).size());
    thread.join();
    assert_int_equal(1, read(pipe.reader.get(), &byte, 1));
  }
}

void poller_has_a_descriptor_if_it_is_epoll(void **state) {
  auto poller = make(state);
  assert_int_equal(*static_cast<PollerKind *>(*state) == PollerKind::Epoll, poller->fd() >= 0);
  if (poller->fd() >= 0) assert_true(fcntl(poller->fd(), F_GETFD) & FD_CLOEXEC);
}

void waker_wakes_from_another_thread_once(void **state) {
  auto poller = make(state);
  boucle::Waker waker;
  assert_int_equal(0, waker.open());
  assert_int_equal(0, poller->want(waker.fd(), kReadable));
  std::thread thread([&] {
    for (int i = 0; i < 1000; ++i) waker.wake();
  });
  assert_int_equal(1, poller->wait(kLong).size());
  thread.join();
  waker.clear();
  assert_int_equal(0, poller->wait(0).size());
}

// Each edge is reported once, without a read. A poller without edges reports levels.
void poller_reports_an_edge_once(void **state) {
  auto poller = make(state);
  boucle::Waker waker;
  assert_int_equal(0, waker.open());
  assert_int_equal(0, poller->want(waker.fd(), kReadable | kEdge));
  for (int i = 0; i < 3; ++i) {
    waker.wake();
    auto ready = poller->wait(kLong);
    assert_int_equal(1, ready.size());
    assert_int_equal(waker.fd(), ready[0].source->fd);
    assert_true(ready[0].ready & kReadable);
    if (!(ready[0].ready & kEdge)) waker.clear();
    assert_int_equal(0, poller->wait(0).size());
  }
}

void clock_virtual_stands_still_until_it_is_moved(void **) {
  boucle::Clock clock(true);
  int64_t start = clock.now();
  assert_true(clock.is_virtual() && clock.now() == start);
  clock.advance_to(start + 5);
  assert_true(clock.now() == start + 5);
}

void clock_monotonic_goes_on(void **) {
  boucle::Clock clock(false);
  int64_t start = clock.now();
  while (clock.now() == start) {
  }
  assert_true(clock.now() > start);
}

PollerKind epoll = PollerKind::Epoll, poll = PollerKind::Poll;

}  // namespace

#define BOTH(name) \
  {#name "_epoll", name, nullptr, nullptr, &epoll}, { #name "_poll", name, nullptr, nullptr, &poll }

int main() {
  const CMUnitTest tests[] = {
      BOTH(poller_of_nothing_waits_for_the_timeout),
      BOTH(poller_tells_what_is_ready),
      BOTH(poller_interest_can_change_and_go),
      BOTH(poller_hang_up_wakes_readers),
      BOTH(poller_refuses_bad_descriptors_and_regular_files),
      BOTH(poller_forgets_a_descriptor_closed_behind_its_back),
      BOTH(poller_of_many_descriptors_tells_all),
      BOTH(poller_reports_an_edge_once),
      BOTH(poller_of_many_forgets_only_the_one_that_goes),
      BOTH(poller_of_hundreds_tells_all_in_the_end),
      BOTH(poller_hang_up_and_error_are_both_directions),
      BOTH(poller_refuses_a_second_source),
      BOTH(poller_tells_of_a_descriptor_that_it_lost),
      BOTH(poller_watches_a_number_that_became_another_file),
      BOTH(poller_watches_a_duplicate_of_what_it_still_knows),
      BOTH(poller_wait_is_never_early),
      BOTH(poller_wait_without_end_ends_with_what_is_ready),
      BOTH(poller_has_a_descriptor_if_it_is_epoll),
      BOTH(waker_wakes_from_another_thread_once),
      cmocka_unit_test(clock_virtual_stands_still_until_it_is_moved),
      cmocka_unit_test(clock_monotonic_goes_on),
  };
  return cmocka_run_group_tests_name("io", tests, nullptr, nullptr);
}
