#include "loop/context.hpp"

namespace boucle {

Ref<Value> Context::get(const Context *context, const ContextVar &var) noexcept {
  if (context) {
    for (const Entry &entry : context->entries_) {
      if (entry.var.get() == &var) return entry.value;
    }
  }
  return var.fallback();
}

Ref<Context> Context::set(const Context *context, ContextVar &var, Ref<Value> value) {
  auto copy = Ref<Context>::adopt(new Context);
  if (context) {
    copy->entries_.reserve(context->entries_.size() + 1);
    for (const Entry &entry : context->entries_) {
      if (entry.var.get() != &var) copy->entries_.push_back(entry);
    }
  }
  copy->entries_.push_back({Ref<ContextVar>(&var), std::move(value)});
  return copy;
}

}  // namespace boucle
