#include "loop/context.hpp"

namespace boucle {

// Not in the header: what is inlined into every call of a callback must not drag these along.
void ContextVar::destroy(ContextVar *var) noexcept {
  live_objects.fetch_sub(1, std::memory_order_relaxed);
  delete var;
}
void Context::destroy(Context *context) noexcept { delete context; }

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
