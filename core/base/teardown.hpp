// Teardown: frees values and exceptions that nobody refers to any more, and what only they held. Lists hold values, which
// may be exceptions, which hold causes, members and a value: of any depth, so there is no recursion, and no memory is
// needed.
#pragma once

namespace boucle {

class Value;
class Exception;

class Teardown {
 public:
  // Of each, the last reference has gone.
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

  Value *lists_ = nullptr;   // the slot that the last item left keeps the next of them
  Exception *exceptions_ = nullptr;  // in the place of its cause, each keeps the next
};

}  // namespace boucle
