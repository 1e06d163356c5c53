// Resolver: threads that look up names, so that no other thread waits for the system.
//
// A thread inside of getaddrinfo(3) cannot be interrupted, and may stay there for minutes. So no code joins these
// threads: they are detached, and share the ownership of what they use: the question, the answer, the queue (D46). When
// the resolver is destroyed, threads that wait for a query end; a thread that is asking the system frees the query when
// it has the answer, and ends.
//
// Threads: one thread calls the functions of Resolver. The resolver's own threads are started when they are needed.
//
// Invariants: (1) the resolver knows each query from submit() until it was answered and forgotten, or withdrawn; (2) a
// query is linked if and only if it is queued.
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

// Query: a question that one of the threads will ask the system.
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
  // Is called on the thread that asked the system, once answer_ is complete. The resolver exists during the call. It
  // informs the thread that submitted the query.
  virtual void answered() noexcept = 0;

  const NameQuestion question_;
  NameAnswer answer_;  // only the thread uses it, until answered() is called

 private:
  enum class Stage { Queued, Asked, Answered };
  const std::string key_;
  Stage stage_ = Stage::Queued;  // protected by the monitor
};

class Resolver {
 public:
  static constexpr size_t kThreads = 4;

  // Returns nullptr if there is no memory.
  static std::unique_ptr<Resolver> make() noexcept;
  // Does not wait for the threads. No query is answered after this. It destroys those that are queued; the threads
  // destroy those that they are asking.
  ~Resolver();

  // Returns the query with that key, or nullptr.
  Query *find(std::string_view key) const noexcept;
  // The resolver owns the query until it is answered. Fails with NO_MEMORY, or if there is no thread and the system
  // cannot start one.
  Status submit(std::unique_ptr<Query> query) noexcept;
  // The answer of the query is no longer needed. Returns what has become of the query:
  enum class Left {
    Withdrawn,  // it was queued, and the caller owns it again
    Asked,      // it will be answered all the same
    Answered,   // it was answered already
  };
  Left leave(Query &query) noexcept;
  // Removes a query that was answered; the caller owns it again.
  void forget(Query &query) noexcept { queries_.erase(query.key()); }

 private:
  // The part that the threads and the resolver own together.
  struct Shared : Counted<Shared> {
    static void destroy(Shared *shared) noexcept { delete shared; }
    static void *run(void *shared) noexcept;
    // Waits for a query, and returns it. Returns nullptr once the resolver is destroyed.
    Query *next() noexcept;
    void finish(Query &query) noexcept;

    Monitor monitor;
    // Protected by the monitor.
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
