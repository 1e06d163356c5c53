#include "base/teardown.hpp"

#include <utility>

#include "base/error.hpp"
#include "base/value.hpp"

namespace boucle {

void Teardown::of(Value *value) noexcept {
  Teardown teardown;
  teardown.add(value);
  teardown.run();
}

void Teardown::of(Error *error) noexcept {
  Teardown teardown;
  teardown.add(error);
  teardown.run();
}

void Teardown::drop(Value *value) noexcept {
  if (Value::on_heap(value) && value->cell().drop()) add(value);
}
void Teardown::drop(Error *error) noexcept {
  if (error && error->drop()) add(error);
}

void Teardown::add(Value *value) noexcept {
  for (;;) {
    ValueKind kind = value->cell().kind;
    Error *error = kind == ValueKind::Exception ? value->cell().error : nullptr;
    if (kind != ValueKind::List || value->cell().size == 0) {
      Value::free_alone(value);
      return drop(error);
    }
    Value *&slot = value->slots()[--value->cell().size];
    Value *item = std::exchange(slot, std::exchange(lists_, value));
    if (!Value::on_heap(item) || !item->cell().drop()) return;
    value = item;
  }
}

void Teardown::add(Error *error) noexcept {
  while (error) {
    Error *cause = error->cause_.take();
    error->cause_.put(std::exchange(errors_, error));
    error = cause && cause->drop() ? cause : nullptr;
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
  Error *error = errors_;
  errors_ = error->cause_.take();
  for (Ref<Error> &member : error->members_) drop(member.take());
  drop(error->payload_.take());
  delete error;
}

}  // namespace boucle
