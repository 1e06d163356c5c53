#include "base/value.hpp"

#include <algorithm>
#include <cstdlib>
#include <cstring>
#include <new>
#include <utility>
#include <vector>

#include "base/allocation.hpp"
#include "base/exception.hpp"
#include "base/teardown.hpp"

namespace boucle {

Value *Value::allocate(ValueKind kind, size_t extra) {
  void *memory = extra > SIZE_MAX / 2 ? nullptr : std::malloc(sizeof(Cell) + extra);
  if (!memory) throw std::bad_alloc();
  live_objects.fetch_add(1, std::memory_order_relaxed);
  return reinterpret_cast<Value *>(new (memory) Cell(kind));
}

// Frees the cell alone. The caller gives up the references that it has.
void Value::free_cell(Value *value) noexcept {
  if (value->cell().kind == ValueKind::Foreign) static_cast<Userdata *>(value->payload())->~Userdata();
  live_objects.fetch_sub(1, std::memory_order_relaxed);
  std::free(value);
}

void Value::drop(Value *value) noexcept {
  if (value->cell().drop()) Teardown::destroy(value);
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

Ref<Value> Value::exception(Ref<Exception> exception) {
  Value *heap = allocate(ValueKind::Exception, 0);
  heap->cell().exception = exception.take();
  return Ref<Value>::adopt(heap);
}

namespace {
// What follows the cell of an address; then come its three parts, and a NUL after each.
struct AddressHead {
  int family, port;
  size_t sockaddr_size, host_size, text_size;
};
}  // namespace

Ref<Value> Value::address(const AddressParts &parts) {
  size_t size = sizeof(AddressHead) + parts.sockaddr.size() + parts.host.size() + parts.text.size() + 3;
  Value *heap = allocate(ValueKind::Address, size);
  auto *head = new (heap->payload())
      AddressHead{parts.family, parts.port, parts.sockaddr.size(), parts.host.size(), parts.text.size()};
  char *to = reinterpret_cast<char *>(head + 1);
  for (std::string_view part : {parts.sockaddr, parts.host, parts.text}) {
    to = std::copy(part.begin(), part.end(), to);
    *to++ = 0;
  }
  return Ref<Value>::adopt(heap);
}

AddressParts Value::address() const noexcept {
  const auto *head = static_cast<const AddressHead *>(payload());
  const char *sockaddr = reinterpret_cast<const char *>(head + 1);
  const char *host = sockaddr + head->sockaddr_size + 1;
  const char *text = host + head->host_size + 1;
  return {head->family, head->port, {sockaddr, head->sockaddr_size}, {host, head->host_size}, {text, head->text_size}};
}

namespace {
template <class T>
int order(T left, T right) noexcept {
  return left < right ? -1 : left > right;
}

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

// Addresses are ordered by family; inside of a family the order has no meaning. Addresses are equal if the system takes
// them for the same.
int compare_addresses(const Value *left, const Value *right) noexcept {
  AddressParts l = left->address(), r = right->address();
  if (l.family != r.family) return order(l.family, r.family);
  return order(l.sockaddr.compare(r.sockaddr), 0);
}

bool is_number(ValueKind kind) noexcept { return kind == ValueKind::Int || kind == ValueKind::Double; }

// Compares two values of which at most one is a list.
int compare_scalars(const Value *left, const Value *right) noexcept {
  ValueKind l = Value::kind_of(left), r = Value::kind_of(right);
  if (is_number(l) && is_number(r)) return compare_numbers(left, right);
  if (l != r) return order(l, r);
  switch (l) {
    case ValueKind::Bool: return order(Value::as_bool(left), Value::as_bool(right));
    case ValueKind::Text:
    case ValueKind::Bytes: return compare_blobs(left, right);
    case ValueKind::Address: return compare_addresses(left, right);
    default: return 0;  // a host's own objects have no order
  }
}

// Returns 0 if two values are equal, of which at most one is a list.
int differ_scalars(const Value *left, const Value *right) noexcept {
  ValueKind kind = Value::kind_of(left);
  if (kind != Value::kind_of(right)) return 1;
  switch (kind) {
    case ValueKind::Double: return left->as_double() != right->as_double();  // a NaN equals nothing
    case ValueKind::Exception: return left->exception() != right->exception();
    case ValueKind::Foreign: return left->tag() != right->tag() || left->userdata() != right->userdata();
    default: return compare_scalars(left, right) != 0;
  }
}

bool are_lists(const Value *left, const Value *right) noexcept {
  return Value::kind_of(left) == ValueKind::List && Value::kind_of(right) == ValueKind::List;
}

// Compares two lists item by item, until compare(left, right) is not 0. Lists in lists may be of any depth, so this
// function keeps the outer ones on a stack of its own.
using Compare = int (*)(const Value *left, const Value *right) noexcept;
int compare_lists(const Value *left, const Value *right, Compare compare) noexcept {
  struct Pair {
    const Value *left, *right;
    size_t next;
  };
  std::vector<Pair> outer;
  for (Pair now = {left, right, 0};;) {
    if (now.next == std::min(now.left->size(), now.right->size())) {
      if (int c = order(now.left->size(), now.right->size())) return c;
      if (outer.empty()) return 0;
      now = outer.back();
      outer.pop_back();
      continue;
    }
    const Value *l = now.left->items()[now.next], *r = now.right->items()[now.next];
    ++now.next;
    if (l == r) continue;  // as in Python, an object is equal to itself
    if (!are_lists(l, r)) {
      if (int c = compare(l, r)) return c;
      continue;
    }
    if (try_allocate([&] { outer.push_back(now); })) {
      now = {l, r, 0};
    } else if (int c = compare_lists(l, r, compare)) {  // no memory: recursion is better than a wrong result
      return c;
    }
  }
}
}  // namespace

bool Value::equal(const Value *left, const Value *right) noexcept {
  if (left == right) return true;
  return (are_lists(left, right) ? compare_lists(left, right, differ_scalars) : differ_scalars(left, right)) == 0;
}

int Value::compare(const Value *left, const Value *right) noexcept {
  return are_lists(left, right) ? compare_lists(left, right, compare_scalars) : compare_scalars(left, right);
}

}  // namespace boucle
