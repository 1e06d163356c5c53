// core/sys: worker threads.
#include <semaphore.h>

#include <atomic>
#include <deque>

#include "sys/workers.hpp"
#include "unit.hpp"

namespace {

using boucle::Job;
using boucle::List;
using boucle::Workers;

struct Counting : Job {
  explicit Counting(std::atomic<int> &c) : Job(work), counter(c) {}
  static void work(Job &job) noexcept { static_cast<Counting &>(job).counter.fetch_add(1); }
  std::atomic<int> &counter;
};

// A job that blocks its thread until it is released.
struct Holding : Job {
  Holding() : Job(work) {
    sem_init(&begun, 0, 0);
    sem_init(&open, 0, 0);
  }
  static void work(Job &job) noexcept {
    auto &self = static_cast<Holding &>(job);
    sem_post(&self.begun);
    sem_wait(&self.open);
  }
  sem_t begun, open;
};

void workers_run_every_job_once(void **) {
  std::atomic<int> counter{0};
  std::deque<Counting> jobs;
  auto workers = Workers::make(4, 0);
  for (int i = 0; i < 10000; ++i) assert_int_equal(0, workers->submit(jobs.emplace_back(counter)));
  while (counter.load() < 10000) {
  }
  workers.reset();
  assert_int_equal(10000, counter.load());
}

// A job must begin while a thread sleeps, whichever is being woken, and whatever the others are busy with.
void workers_leave_no_job_while_a_thread_is_free(void **) {
  auto workers = Workers::make(4, 0);
  for (int round = 0; round < 200; ++round) {
    Holding jobs[4];
    for (Holding &job : jobs) workers->submit(job);
    for (Holding &job : jobs) sem_wait(&job.begun);
    std::atomic<int> counter{0};
    Counting small(counter);
    workers->submit(small);
    sem_post(&jobs[round % 4].open);
    while (counter.load() == 0) {
    }
    for (int i = 0; i < 4; ++i) {
      if (i != round % 4) sem_post(&jobs[i].open);
    }
    workers = Workers::make(4, 0);  // the former have ended, and use no job any more
  }
}

void workers_withdraw_what_has_not_begun(void **) {
  auto workers = Workers::make(1, 0);
  std::atomic<int> counter{0};
  Holding first;
  Counting second(counter);
  workers->submit(first);
  sem_wait(&first.begun);
  workers->submit(second);
  assert_false(workers->cancel(first));
  assert_true(workers->cancel(second));
  assert_false(workers->cancel(second));
  sem_post(&first.open);
  workers.reset();
  assert_int_equal(0, counter.load());
}

void workers_that_stop_begin_nothing(void **) {
  auto workers = Workers::make(1, 0);
  std::atomic<int> counter{0};
  Holding first;
  Counting second(counter), third(counter);
  workers->submit(first);
  sem_wait(&first.begun);
  workers->submit(second);
  workers->submit(third);
  workers->stop();
  assert_true(workers->cancel(second));
  sem_post(&first.open);
  workers.reset();
  assert_true(third.linked());
  assert_int_equal(0, counter.load());
}

constexpr int64_t kForever = INT64_MAX;

void workers_that_spin_run_every_job_once(void **) {
  for (int64_t spin_ns : {int64_t{1}, int64_t{20'000}, kForever}) {
    std::atomic<int> counter{0};
    std::deque<Counting> jobs;
    auto workers = Workers::make(4, spin_ns);
    for (int i = 1; i <= 3000; ++i) {
      assert_int_equal(0, workers->submit(jobs.emplace_back(counter)));
      while (i % 3 == 0 && counter.load() < i) {
      }
    }
    workers.reset();
    assert_int_equal(3000, counter.load());
  }
}

// The worker that spins may be woken for a job that is then withdrawn, and must still take the next one.
void workers_that_spin_survive_a_withdrawal(void **) {
  auto workers = Workers::make(2, kForever);
  for (int round = 0; round < 500; ++round) {
    std::atomic<int> counter{0};
    Counting first(counter), second(counter);
    workers->submit(first);
    int left = workers->cancel(first) ? 1 : 2;
    workers->submit(second);
    while (counter.load() < left) {
    }
  }
}

void workers_that_spin_stop_at_once(void **) {
  for (int round = 0; round < 50; ++round) {
    std::atomic<int> counter{0};
    Counting job(counter);
    auto workers = Workers::make(3, kForever);
    workers->submit(job);
    while (round % 2 && counter.load() == 0) {
    }
    workers->stop();
    workers.reset();
  }
}

}  // namespace

int main() {
  const CMUnitTest tests[] = {
      cmocka_unit_test(workers_run_every_job_once),
      cmocka_unit_test(workers_leave_no_job_while_a_thread_is_free),
      cmocka_unit_test(workers_withdraw_what_has_not_begun),
      cmocka_unit_test(workers_that_spin_run_every_job_once),
      cmocka_unit_test(workers_that_spin_survive_a_withdrawal),
      cmocka_unit_test(workers_that_spin_stop_at_once),
      cmocka_unit_test(workers_that_stop_begin_nothing),
  };
  return cmocka_run_group_tests_name("workers", tests, nullptr, nullptr);
}
