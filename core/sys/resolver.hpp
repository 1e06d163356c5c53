// Resolver: threads that ask the system for names, so that nothing else waits for them.
//
// What is inside getaddrinfo(3) cannot be interrupted, and may be there for minutes. So nobody ever waits for these threads:
// they are detached, and what they touch is theirs: the question, the answer, the queue. When the resolver goes, those that
// wait for work end; one that is inside a question goes on, frees it, and ends.
//
// One thread submits, leaves and ends. The threads start as they are needed.
//
// Invariants: (1) the resolver knows every query from submit() until it came back or was withdrawn; (2) a query is linked
// if and only if it is queued.
#pragma once

#include <cstddef>
#include <memory>
#include <string_view>
#include <unordered_map>

#include "base/counted.hpp"
#include "base/list.hpp"
#include "base/ref.hpp"
#include "sys/monitor.hpp"
#include "sys/names.hpp"

namespace boucle {

// A question that is to be asked on one of the threads.
class Query : public Link {
 public:
  // May throw bad_alloc.
  explicit Query(const NameQuestion &question) : question_(question), key_(question.key()) {}
  virtual ~Query() = default;
  Query(const Query &) = delete;
  Query &operator=(const Query &) = delete;

  const std::string &key() const noexcept { return key_; }

 protected:
  friend class Resolver;
  // On the thread that asked, while the resolver is there, and stays: answer_ is there. Tells whoever submitted it.
  virtual void answered() noexcept = 0;

  const NameQuestion question_;
  NameAnswer answer_;  // the thread's, until answered() is called

 private:
  enum class Stage { Queued, Asked, Answered };
  const std::string key_;
  Stage stage_ = Stage::Queued;  // under the mutex
};

class Resolver {
 public:
  static constexpr size_t kThreads = 4;

  // nullptr if there is no memory.
  static std::unique_ptr<Resolver> make() noexcept;
  // Waits for nobody: from here on no query comes back. Those that are queued end here, those that are asked later.
  ~Resolver();

  // The query with that key, or nullptr.
  Query *find(std::string_view key) const noexcept;
  // The query is the resolver's until it comes back. NO_MEMORY; or there is no thread, and the system cannot start one.
  Status submit(std::unique_ptr<Query> query) noexcept;
  // Nobody wants the answer of the query any more.
  enum class Left {
    Withdrawn,  // it was queued, and is the caller's again
    Asked,      // it comes back all the same
    Answered,   // it is coming back
  };
  Left leave(Query &query) noexcept;
  // It came back, and is the caller's again.
  void forget(Query &query) noexcept { queries_.erase(query.key()); }

 private:
  // What the threads and the resolver share.
  struct Shared : Counted<Shared> {
    static void destroy(Shared *shared) noexcept { delete shared; }
    static void *run(void *shared) noexcept;
    // Waits for one; nullptr at the end.
    Query *next() noexcept;
    void finish(Query &query) noexcept;

    Monitor monitor;
    // Under the monitor.
    List queue;
    size_t queued = 0, idle = 0;
    bool closed = false;
  };

  explicit Resolver(Ref<Shared> shared) noexcept : shared_(std::move(shared)) {}
  Status start_thread() noexcept;

  const Ref<Shared> shared_;
  size_t started_ = 0;
  std::unordered_map<std::string_view, Query *> queries_;
};

}  // namespace boucle
