// Context variables. A Context is an immutable set of (variable, value): setting one makes a new Context, so a copy of
// the present one is a reference to it. nullptr is the empty one.
#pragma once

#include <string>
#include <vector>

#include "base/counted.hpp"
#include "base/ref.hpp"
#include "base/value.hpp"

namespace boucle {

class ContextVar : public Counted<ContextVar> {
 public:
  ContextVar(const char *name, Ref<Value> fallback) : name_(name), fallback_(std::move(fallback)) {
    live_objects.fetch_add(1, std::memory_order_relaxed);
  }
  const char *name() const noexcept { return name_.c_str(); }
  const Ref<Value> &fallback() const noexcept { return fallback_; }
  static void destroy(ContextVar *var) noexcept;

 private:
  std::string name_;
  Ref<Value> fallback_;
};

class Context : public Counted<Context> {
 public:
  static Ref<Value> get(const Context *context, const ContextVar &var) noexcept;
  // Throws bad_alloc.
  static Ref<Context> set(const Context *context, ContextVar &var, Ref<Value> value);
  static void destroy(Context *context) noexcept;

 private:
  struct Entry {
    Ref<ContextVar> var;
    Ref<Value> value;
  };
  std::vector<Entry> entries_;
};

}  // namespace boucle
