// Value: the result of a future. It never changes, is shared by reference counting, and may be used from any thread.
//
// A Value pointer is nullptr (nil), an immediate, or the address of a heap object. Immediates need no memory: if the
// lowest bit is 1, it is an integer of 63 bits; if the two lowest bits are 10, it is a boolean. Objects are aligned, so
// both bits of their addresses are 0.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string_view>

#include "base/counted.hpp"
#include "base/ref.hpp"
#include "base/userdata.hpp"

namespace boucle {

class Exception;

enum class ValueKind { Nil, Bool, Int, Double, Text, Bytes, List, Foreign, Exception, Address };
inline constexpr ValueKind kLastValueKind = ValueKind::Address;

// The parts of an address: the system's structure, and its texts for people. Each text that is lent ends with a NUL.
struct AddressParts {
  int family = 0, port = 0;
  std::string_view sockaddr, host, text;
};

class Value {
 public:
  // These functions may throw bad_alloc, but not for booleans and integers of 63 bits.
  static Ref<Value> boolean(bool value) noexcept { return Ref<Value>::adopt(immediate(uintptr_t{value} << 2 | 2)); }
  static Ref<Value> integer(int64_t value) {
    if (value < INT64_MIN / 2 || value > INT64_MAX / 2) [[unlikely]]
      return big_integer(value);
    return Ref<Value>::adopt(immediate(static_cast<uintptr_t>(value) << 1 | 1));
  }
  static Ref<Value> number(double value);
  static Ref<Value> text(const char *text, size_t size);
  static Ref<Value> bytes(const void *data, size_t size);
  // Takes over the references in items.
  static Ref<Value> list(Value *const *items, size_t count);
  static Ref<Value> foreign(const void *tag, Userdata userdata);
  static Ref<Value> exception(Ref<Exception> exception);
  static Ref<Value> address(const AddressParts &parts);

  // These functions take any Value pointer, also an immediate or nullptr.
  static ValueKind kind_of(const Value *value) noexcept {
    if (bits(value) & 1) return ValueKind::Int;
    return on_heap(value) ? value->cell().kind : value ? ValueKind::Bool : ValueKind::Nil;
  }
  static bool as_bool(const Value *value) noexcept { return bits(value) >> 2; }
  static int64_t as_int(const Value *value) noexcept {
    return on_heap(value) ? value->cell().integer : static_cast<int64_t>(bits(value)) >> 1;
  }
  static bool equal(const Value *left, const Value *right) noexcept;
  // Returns a negative number, 0 or a positive number: the default order of priority queues.
  static int compare(const Value *left, const Value *right) noexcept;

  // These functions take heap objects of their kind only.
  double as_double() const noexcept { return cell().number; }
  const char *data() const noexcept { return static_cast<const char *>(payload()); }
  size_t size() const noexcept { return cell().size; }
  Value *const *items() const noexcept { return static_cast<Value *const *>(payload()); }
  const void *tag() const noexcept { return cell().tag; }
  void *userdata() const noexcept { return static_cast<const Userdata *>(payload())->get(); }
  Exception *exception() const noexcept { return cell().exception; }
  // Lends them.
  AddressParts address() const noexcept;

  static void ref(Value *value) noexcept {
    if (on_heap(value)) value->cell().ref();
  }
  static void unref(Value *value) noexcept {
    if (on_heap(value)) [[unlikely]]
      drop(value);
  }

 private:
  friend class Teardown;
  static Value *immediate(uintptr_t bits) noexcept { return reinterpret_cast<Value *>(bits); }
  static uintptr_t bits(const Value *value) noexcept { return reinterpret_cast<uintptr_t>(value); }
  static bool on_heap(const Value *value) noexcept { return value && !(bits(value) & 3); }
  // The contents of a heap object. They are not members of Value, because the address of a Value may be an immediate,
  // which is not aligned.
  struct Cell : Counted<Cell> {
    explicit Cell(ValueKind k) noexcept : kind(k) {}
    const ValueKind kind;
    union {
      int64_t integer;
      double number;
      size_t size;      // Text, Bytes, List: of the data or items that follow the cell
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
