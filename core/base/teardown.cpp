#include "base/teardown.hpp"

#include <utility>

#include "base/exception.hpp"
#include "base/value.hpp"

namespace boucle {

void Teardown::destroy(Value *value) noexcept {
  Teardown teardown;
  teardown.add(value);
  teardown.run();
}

void Teardown::destroy(Exception *exception) noexcept {
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
      Value::free_cell(value);
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
    exception->cause_.put(std::exchange(exceptions_, exception));
    exception = cause && cause->drop() ? cause : nullptr;
  }
}

void Teardown::run() noexcept {
  for (;;) {
    if (lists_) {
      take_item_or_free_list();
    } else if (exceptions_) {
      free_exception();
    } else {
      return;
    }
  }
}

// Removes one item of the list that was added last, or frees that list if it has no more items.
void Teardown::take_item_or_free_list() noexcept {
  Value *list = lists_;
  size_t &size = list->cell().size;
  Value *next = list->slots()[size];
  if (size == 0) {
    lists_ = next;
    return Value::free_cell(list);
  }
  drop(std::exchange(list->slots()[--size], next));
}

void Teardown::free_exception() noexcept {
  Exception *exception = exceptions_;
  exceptions_ = exception->cause_.take();
  for (Ref<Exception> &member : exception->members_) drop(member.take());
  drop(exception->payload_.take());
  delete exception;
}

}  // namespace boucle
