// Teardown: frees values and exceptions that have no reference any more, and all that only they referred to. Lists
// refer to values, values to exceptions, and exceptions to causes, members and a value, to any depth. So it does not
// recurse, and it needs no memory.
#pragma once

namespace boucle {

class Value;
class Exception;

class Teardown {
 public:
  // The last reference to the object must have been given up.
  static void destroy(Value *value) noexcept;
  static void destroy(Exception *exception) noexcept;

 private:
  void add(Value *value) noexcept;
  void add(Exception *exception) noexcept;
  void drop(Value *value) noexcept;
  void drop(Exception *exception) noexcept;
  void run() noexcept;
  void take_item_or_free_list() noexcept;
  void free_exception() noexcept;

  Value *lists_ = nullptr;           // chained: the slot of the item that was removed last points to the next list
  Exception *exceptions_ = nullptr;  // chained: each one's cause is the next
};

}  // namespace boucle
