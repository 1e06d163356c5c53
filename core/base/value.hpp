// Value: what futures carry. Immutable and shared by reference count, from any thread.
//
// A Value pointer is nullptr (nil), an immediate, or a heap object. Immediates cost nothing: the lowest bit marks an
// integer of 63 bits, the two lowest bits 10 a boolean; no such address is ever aligned like an object.
#pragma once

#include <cstddef>
#include <cstdint>

#include "base/callback.hpp"
#include "base/counted.hpp"
#include "base/ref.hpp"

namespace boucle {

class Exception;

enum class ValueKind { Nil, Bool, Int, Double, Text, Bytes, List, Foreign, Exception };

class Value {
 public:
  // These may throw bad_alloc; booleans and small integers never do.
  static Ref<Value> boolean(bool value) noexcept { return Ref<Value>::adopt(immediate(uintptr_t{value} << 2 | 2)); }
  static Ref<Value> integer(int64_t value) {
    if (value < INT64_MIN / 2 || value > INT64_MAX / 2) [[unlikely]] return big_integer(value);
    return Ref<Value>::adopt(immediate(static_cast<uintptr_t>(value) << 1 | 1));
  }
  static Ref<Value> number(double value);
  static Ref<Value> text(const char *text, size_t size);
  static Ref<Value> bytes(const void *data, size_t size);
  // Takes over the references in items.
  static Ref<Value> list(Value *const *items, size_t count);
  static Ref<Value> foreign(const void *tag, Userdata userdata);
  static Ref<Value> exception(Ref<Exception> exception);

  // All of these may be asked of any Value pointer, immediates and nullptr too.
  static ValueKind kind_of(const Value *value) noexcept {
    if (bits(value) & 1) return ValueKind::Int;
    return on_heap(value) ? value->cell().kind : value ? ValueKind::Bool : ValueKind::Nil;
  }
  static bool as_bool(const Value *value) noexcept { return bits(value) >> 2; }
  static int64_t as_int(const Value *value) noexcept {
    return on_heap(value) ? value->cell().integer : static_cast<int64_t>(bits(value)) >> 1;
  }
  static bool equal(const Value *left, const Value *right) noexcept;
  // The default order of priority queues: negative, 0, positive.
  static int compare(const Value *left, const Value *right) noexcept;

  double as_double() const noexcept { return cell().number; }
  const char *data() const noexcept { return static_cast<const char *>(payload()); }
  size_t size() const noexcept { return cell().size; }
  Value *const *items() const noexcept { return static_cast<Value *const *>(payload()); }
  const void *tag() const noexcept { return cell().tag; }
  void *userdata() const noexcept { return static_cast<const Userdata *>(payload())->get(); }
  Exception *exception() const noexcept { return cell().exception; }

  static void ref(Value *value) noexcept {
    if (on_heap(value)) value->cell().ref();
  }
  static void unref(Value *value) noexcept {
    if (on_heap(value)) [[unlikely]] drop(value);
  }

 private:
  friend class Teardown;
  static Value *immediate(uintptr_t bits) noexcept { return reinterpret_cast<Value *>(bits); }
  static uintptr_t bits(const Value *value) noexcept { return reinterpret_cast<uintptr_t>(value); }
  static bool on_heap(const Value *value) noexcept { return value && !(bits(value) & 3); }
  // What a heap object is made of. These are no members of Value, for an immediate is aligned like none of them.
  struct Cell : Counted<Cell> {
    explicit Cell(ValueKind k) noexcept : kind(k) {}
    const ValueKind kind;
    union {
      int64_t integer;
      double number;
      size_t size;      // Text, Bytes, List: what follows the cell
      const void *tag;  // Foreign: a Userdata follows the cell
      Exception *exception;
    };
  };
  Cell &cell() noexcept { return *reinterpret_cast<Cell *>(this); }
  const Cell &cell() const noexcept { return *reinterpret_cast<const Cell *>(this); }
  void *payload() noexcept { return &cell() + 1; }
  const void *payload() const noexcept { return &cell() + 1; }
  Value **slots() noexcept { return static_cast<Value **>(payload()); }

  static Value *allocate(ValueKind kind, size_t extra);
  static Ref<Value> big_integer(int64_t value);
  static Ref<Value> blob(ValueKind kind, const void *data, size_t size);
  static void drop(Value *value) noexcept;
  static void free_cell(Value *value) noexcept;
};

}  // namespace boucle
