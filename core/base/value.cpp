#include "base/value.hpp"

#include <algorithm>
#include <cstdlib>
#include <cstring>
#include <new>
#include <utility>

#include "base/error.hpp"

namespace boucle {

Value *Value::allocate(ValueKind kind, size_t extra) {
  void *memory = extra > SIZE_MAX / 2 ? nullptr : std::malloc(sizeof(Cell) + extra);
  if (!memory) throw std::bad_alloc();
  live_objects.fetch_add(1, std::memory_order_relaxed);
  return reinterpret_cast<Value *>(new (memory) Cell(kind));
}

void Value::free_alone(Value *value) noexcept {
  if (value->cell().kind == ValueKind::Foreign) {
    static_cast<Userdata *>(value->payload())->~Userdata();
  } else if (value->cell().kind == ValueKind::Exception) {
    value->cell().error->unref();
  }
  live_objects.fetch_sub(1, std::memory_order_relaxed);
  std::free(value);
}

// Frees what only this value held, too. Lists of lists are walked without recursion: a list lets go of its items from
// the last one on; while the walk is inside an item, the slot that the item left keeps the list above.
void Value::drop(Value *value) noexcept {
  if (value->cell().drop()) destroy(value);
}

void Value::destroy(Value *value) noexcept {
  Value *above = nullptr;
  while (value) {
    auto items = static_cast<Value **>(value->payload());
    if (value->cell().kind != ValueKind::List || value->cell().size == 0) {
      free_alone(value);
      value = above;
      if (above) above = static_cast<Value **>(above->payload())[above->cell().size];
      continue;
    }
    Value *&slot = items[--value->cell().size];
    Value *item = slot;
    if (on_heap(item) && item->cell().drop()) {
      slot = std::exchange(above, value);
      value = item;
    }
  }
}

Ref<Value> Value::big_integer(int64_t value) {
  Value *heap = allocate(ValueKind::Int, 0);
  heap->cell().integer = value;
  return Ref<Value>::adopt(heap);
}

Ref<Value> Value::number(double value) {
  Value *heap = allocate(ValueKind::Double, 0);
  heap->cell().number = value;
  return Ref<Value>::adopt(heap);
}

Ref<Value> Value::blob(ValueKind kind, const void *data, size_t size) {
  if (size > SIZE_MAX / 4) throw std::bad_alloc();  // size + 1 would be 0
  Value *heap = allocate(kind, size + 1);
  heap->cell().size = size;
  char *copy = static_cast<char *>(heap->payload());
  if (size) std::memcpy(copy, data, size);
  copy[size] = 0;
  return Ref<Value>::adopt(heap);
}

Ref<Value> Value::text(const char *text, size_t size) { return blob(ValueKind::Text, text, size); }
Ref<Value> Value::bytes(const void *data, size_t size) { return blob(ValueKind::Bytes, data, size); }

Ref<Value> Value::list(Value *const *items, size_t count) {
  if (count > SIZE_MAX / 4 / sizeof(Value *)) throw std::bad_alloc();
  Value *heap = allocate(ValueKind::List, count * sizeof(Value *));
  heap->cell().size = count;
  if (count) std::memcpy(heap->payload(), items, count * sizeof(Value *));
  return Ref<Value>::adopt(heap);
}

Ref<Value> Value::foreign(const void *tag, Userdata userdata) {
  Value *heap = allocate(ValueKind::Foreign, sizeof(Userdata));
  heap->cell().tag = tag;
  new (heap->payload()) Userdata(std::move(userdata));
  return Ref<Value>::adopt(heap);
}

Ref<Value> Value::exception(Ref<Error> error) {
  Value *heap = allocate(ValueKind::Exception, 0);
  heap->cell().error = error.take();
  return Ref<Value>::adopt(heap);
}

bool Value::equal(const Value *left, const Value *right) noexcept {
  if (left == right) return true;
  ValueKind kind = kind_of(left);
  if (kind != kind_of(right)) return false;
  if (kind == ValueKind::Double) return left->as_double() == right->as_double();  // a NaN equals nothing
  if (kind == ValueKind::Exception) return left->error() == right->error();
  if (kind == ValueKind::Foreign) return left->tag() == right->tag() && left->userdata() == right->userdata();
  if (kind == ValueKind::List) {
    auto end = [](const Value *list) { return list->items() + list->size(); };
    return std::equal(left->items(), end(left), right->items(), end(right), equal);
  }
  return compare(left, right) == 0;
}

namespace {
template <class T>
int order(T left, T right) noexcept { return left < right ? -1 : left > right; }

int compare_numbers(const Value *left, const Value *right) noexcept {
  bool ints = Value::kind_of(left) == ValueKind::Int && Value::kind_of(right) == ValueKind::Int;
  if (ints) return order(Value::as_int(left), Value::as_int(right));
  auto number = [](const Value *v) {
    return Value::kind_of(v) == ValueKind::Int ? static_cast<double>(Value::as_int(v)) : v->as_double();
  };
  return order(number(left), number(right));
}

int compare_blobs(const Value *left, const Value *right) noexcept {
  int c = std::memcmp(left->data(), right->data(), std::min(left->size(), right->size()));
  return c ? c : order(left->size(), right->size());
}

int compare_lists(const Value *left, const Value *right) noexcept {
  for (size_t i = 0; i < left->size() && i < right->size(); ++i) {
    if (int c = Value::compare(left->items()[i], right->items()[i])) return c;
  }
  return order(left->size(), right->size());
}

bool is_number(ValueKind kind) noexcept { return kind == ValueKind::Int || kind == ValueKind::Double; }
}  // namespace

int Value::compare(const Value *left, const Value *right) noexcept {
  ValueKind l = kind_of(left), r = kind_of(right);
  if (is_number(l) && is_number(r)) return compare_numbers(left, right);
  if (l != r) return order(l, r);
  switch (l) {
    case ValueKind::Bool: return order(as_bool(left), as_bool(right));
    case ValueKind::Text:
    case ValueKind::Bytes: return compare_blobs(left, right);
    case ValueKind::List: return compare_lists(left, right);
    default: return 0;  // nothing is known of a host's own objects
  }
}

}  // namespace boucle
