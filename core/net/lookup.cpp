#include "net/lookup.hpp"

#include <memory>
#include <vector>

#include "net/address.hpp"

namespace boucle {
namespace {

// ---- answers, as values and exceptions; they may throw bad_alloc ----

Ref<Value> text_value(const std::string &text) { return Value::text(text.data(), text.size()); }

Ref<Value> list_value(std::vector<Ref<Value>> items) {
  std::vector<Value *> pointers;
  pointers.reserve(items.size());
  for (Ref<Value> &item : items) pointers.push_back(item.get());
  Ref<Value> list = Value::list(pointers.data(), pointers.size());
  for (Ref<Value> &item : items) (void)item.take();
  return list;
}

// (family, type, protocol, canonical name, address), as Python has it.
Ref<Value> found_value(const NameAnswer::Found &found) {
  std::vector<Ref<Value>> items;
  for (int number : {found.family, found.type, found.protocol}) items.push_back(Value::integer(number));
  items.push_back(text_value(found.canonical_name));
  items.push_back(address_value(found.address));
  return list_value(std::move(items));
}

Ref<Value> answer_value(const NameQuestion &question, const NameAnswer &answer) {
  std::vector<Ref<Value>> items;
  if (question.is_reverse()) {
    items.push_back(text_value(answer.host));
    items.push_back(text_value(answer.service));
  } else {
    for (const NameAnswer::Found &found : answer.found) items.push_back(found_value(found));
  }
  return list_value(std::move(items));
}

// "Name or service not known: 'nowhere.invalid:80'".
Ref<Exception> answer_error(const NameQuestion &question, const NameAnswer &answer) {
  if (answer.error) return Exception::from_status(answer.error);
  std::string about = question.is_reverse() ? describe(question.address).text : question.host.value_or("");
  if (question.service) about += ":" + *question.service;
  std::string message = name_error_text(answer.code) + (": '" + about + "'");
  return Exception::carrying(Value::integer(answer.code), "gaierror", message.c_str(), status::GAI);
}

Outcome answer_outcome(const NameQuestion &question, const NameAnswer &answer) noexcept {
  Outcome outcome;
  bool has_memory = try_allocate([&] {
    if (answer.code) {
      outcome = answer_error(question, answer);
    } else {
      outcome = answer_value(question, answer);
    }
  });
  return has_memory ? outcome : Outcome(Exception::no_memory());
}

}  // namespace

// ---- the futures ----

void LookupFuture::dispose() noexcept {
  if (report_before_dispose()) Heap::destroy(this);
}

bool LookupFuture::cancel_itself(const Ref<Exception> &reason) noexcept {
  if (!Future::cancel_itself(reason)) return false;
  if (lookup) lookup->remove(*this);
  return true;
}

void LookupFuture::end(Outcome outcome) noexcept {
  if (outcome.failed()) {
    complete(State::Raised, std::move(outcome));
  } else {
    complete(State::Returned, std::move(outcome));
  }
}

// ---- starting ----

const NodeType Lookup::kType = {.run = Lookup::run, .drop = Lookup::drop, .arrive = Lookup::arrive};

Status Lookup::start(Loop &loop, const NameQuestion &question, Ref<Future> &ret_future) noexcept {
  if (question.is_immediate()) return answer_now(loop, question, ret_future);
  auto made = Ref<LookupFuture>::adopt(loop.heap.make<LookupFuture>());
  if (!made) return status::NO_MEMORY;
  Status s = status::NO_MEMORY;
  try_allocate([&] { s = join(loop, question, *made); });
  if (s == 0) ret_future = Ref<Future>::adopt(made.take());
  return s;
}

Status Lookup::answer_now(Loop &loop, const NameQuestion &question, Ref<Future> &ret_future) noexcept {
  NameAnswer answer = ask_system(question);
  if (answer.error == status::NO_MEMORY) return answer.error;
  Outcome outcome = answer_outcome(question, answer);
  if (outcome.failed() && outcome.exception_pointer() == Exception::no_memory().get()) return status::NO_MEMORY;
  auto made = Ref<LookupFuture>::adopt(loop.heap.make<LookupFuture>());
  if (!made) return status::NO_MEMORY;
  made->end(std::move(outcome));
  ret_future = Ref<Future>::adopt(made.take());
  return 0;
}

// May throw bad_alloc.
Status Lookup::join(Loop &loop, const NameQuestion &question, LookupFuture &future) {
  Resolver *resolver = loop.driver.resolver();
  if (!resolver) return status::NO_MEMORY;
  if (Query *equal = resolver->find(question.key())) {
    static_cast<Lookup *>(equal)->add(future);
    return 0;
  }
  std::unique_ptr<Lookup> made(new Lookup(loop, question));
  Lookup &lookup = *made;
  if (Status s = resolver->submit(std::move(made))) return s;
  lookup.add(future);
  return 0;
}

void Lookup::add(LookupFuture &future) noexcept {
  future.retain();
  future.lookup = this;
  waiters_.push_back(static_cast<LookupWaiter &>(future));
  if (!UnderWay::linked()) loop_.driver.operation_began(*this);
}

// ---- abandoning ----

void Lookup::remove(LookupFuture &future) noexcept {
  future.LookupWaiter::unlink();
  future.lookup = nullptr;
  future.release();  // whoever cancels it has another reference
  if (waiters_.empty() && loop_.driver.cancel(*this)) drop(loop_, *this);
}

bool Lookup::take_back(Driver &driver, Operation &operation) noexcept {
  auto &self = static_cast<Lookup &>(operation);
  Resolver::Left left = driver.resolver()->leave(self);
  self.is_own_ |= left == Resolver::Left::Withdrawn;
  return left != Resolver::Left::Answered;
}

LookupFuture *Lookup::pop_waiter() noexcept {
  if (waiters_.empty()) return nullptr;
  auto *future = static_cast<LookupFuture *>(static_cast<LookupWaiter *>(waiters_.pop_front()));
  future->lookup = nullptr;
  return future;
}

void Lookup::drop_waiters() noexcept {
  while (LookupFuture *future = pop_waiter()) future->release();
}

// Its waiters never hear of it: the loop closes. Or there are none.
void Lookup::drop(Loop &, Node &node) noexcept {
  auto &self = static_cast<Lookup &>(static_cast<Operation &>(node));
  self.drop_waiters();
  if (self.is_own_) delete &self;
}

// ---- the answer ----

void Lookup::answered() noexcept { loop_.post(*this); }

void Lookup::arrive(Loop &loop, Node &node) noexcept {
  auto &self = static_cast<Lookup &>(static_cast<Operation &>(node));
  loop.driver.query_ended(self);
  self.is_own_ = true;
  if (self.UnderWay::linked()) loop.driver.operation_ended(self);
}

void Lookup::run(Loop &loop, Node &node) noexcept {
  auto &self = static_cast<Lookup &>(static_cast<Operation &>(node));
  if (!self.waiters_.empty()) {
    Outcome outcome = answer_outcome(self.question_, self.answer_);
    while (LookupFuture *future = self.pop_waiter()) {
      future->end(outcome);
      future->release();
    }
  }
  drop(loop, node);
}

}  // namespace boucle
