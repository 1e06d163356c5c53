#include "base/teardown.hpp"

#include <utility>

#include "base/exception.hpp"
#include "base/value.hpp"

namespace boucle {

void Teardown::of(Value *value) noexcept {
  Teardown teardown;
  teardown.add(value);
  teardown.run();
}

void Teardown::of(Exception *exception) noexcept {
  Teardown teardown;
  teardown.add(exception);
  teardown.run();
}

void Teardown::drop(Value *value) noexcept {
  if (Value::on_heap(value) && value->cell().drop()) add(value);
}
void Teardown::drop(Exception *exception) noexcept {
  if (exception && exception->drop()) add(exception);
}

void Teardown::add(Value *value) noexcept {
  for (;;) {
    ValueKind kind = value->cell().kind;
    Exception *exception = kind == ValueKind::Exception ? value->cell().exception : nullptr;
    if (kind != ValueKind::List || value->cell().size == 0) {
      Value::free_alone(value);
      return drop(exception);
    }
    Value *&slot = value->slots()[--value->cell().size];
    Value *item = std::exchange(slot, std::exchange(lists_, value));
    if (!Value::on_heap(item) || !item->cell().drop()) return;
    value = item;
  }
}

void Teardown::add(Exception *exception) noexcept {
  while (exception) {
    Exception *cause = exception->cause_.take();
    exception->cause_.put(std::exchange(errors_, exception));
    exception = cause && cause->drop() ? cause : nullptr;
  }
}

void Teardown::run() noexcept {
  for (;;) {
    if (lists_) {
      empty_list();
    } else if (errors_) {
      empty_error();
    } else {
      return;
    }
  }
}

// Takes one item off the newest list, or frees it.
void Teardown::empty_list() noexcept {
  Value *list = lists_;
  size_t &size = list->cell().size;
  Value *next = list->slots()[size];
  if (size == 0) {
    lists_ = next;
    return Value::free_alone(list);
  }
  drop(std::exchange(list->slots()[--size], next));
}

void Teardown::empty_error() noexcept {
  Exception *exception = errors_;
  errors_ = exception->cause_.take();
  for (Ref<Exception> &member : exception->members_) drop(member.take());
  drop(exception->payload_.take());
  delete exception;
}

}  // namespace boucle
