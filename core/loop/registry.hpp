// Registry: all objects of one kind that a loop has, in the order of their creation.
#pragma once

#include "base/list.hpp"
#include "loop/object.hpp"

namespace boucle {

// An object that its loop knows of as long as it lives.
class Registered : public Object, public Link {
 public:
  // The loop goes: lets go of the objects that this one keeps alive, so that no cycle outlives it. CPython's tp_clear.
  virtual void clear_references() noexcept = 0;

 protected:
  using Object::Object;
  ~Registered() { unlink(); }
  // Before what it takes along is destroyed, and calls: the registry lends it to nobody any more.
  void unregister() noexcept {
    unlink();
    next = prev = this;
  }
};

// What can be done with the objects whatever their kind is.
class AnyRegistry {
 public:
  // Objects hold each other: once no run can come any more, such cycles are cut.
  void clear_references() noexcept;

 protected:
  List list_;
};

template <class T>
class Registry : public AnyRegistry {
 public:
  void add(T &object) noexcept { list_.push_back(object); }
  template <class F>
  void for_each(F &&visit) const {
    for (Link *link = list_.front(); link != list_.end(); link = link->next) {
      visit(static_cast<T &>(static_cast<Registered &>(*link)));
    }
  }
};

}  // namespace boucle
