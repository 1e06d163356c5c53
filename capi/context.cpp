#include "boundary.hpp"

int context_var_new(const char *name, value_t *default_value, context_var_t **ret_var) {
  if (!name || !ret_var) return status::INVALID;
  return guard(
      [&] { return give(Ref<ContextVar>::adopt(new ContextVar(name, Ref<Value>(unwrap(default_value)))), ret_var); });
}
context_var_t *context_var_ref(context_var_t *var) { return ref(var); }
void context_var_unref(context_var_t *var) { unref(var); }
const char *context_var_name(const context_var_t *var) { return var ? unwrap(var)->name() : nullptr; }

int context_var_get(const context_var_t *var, const loop_t *loop, value_t **ret_value) {
  if (!var || !loop || !ret_value) return status::INVALID;
  if (Status s = check(loop)) return s;
  return give_value(Context::get(unwrap(loop)->dispatch.context, *unwrap(var)), ret_value);
}

int context_var_set(context_var_t *var, loop_t *loop, value_t *value) {
  if (!var || !loop) return status::INVALID;
  if (Status s = check(loop)) return s;
  return guard([&] {
    Dispatch &dispatch = unwrap(loop)->dispatch;
    dispatch.switch_context(Context::set(dispatch.context, *unwrap(var), Ref<Value>(unwrap(value))));
    return 0;
  });
}

int context_copy(const loop_t *loop, context_t **ret_context) {
  if (!loop || !ret_context) return status::INVALID;
  if (Status s = check(loop)) return s;
  Ref<Context> present(unwrap(loop)->dispatch.context);
  *ret_context = wrap(present.take());
  return 0;
}
context_t *context_ref(context_t *context) { return ref(context); }
void context_unref(context_t *context) { unref(context); }

int context_switch(loop_t *loop, context_t *context, context_t **ret_context) {
  if (Status s = check(loop)) return s;
  Ref<Context> former = unwrap(loop)->dispatch.switch_context(Ref<Context>(unwrap(context)));
  if (ret_context) *ret_context = wrap(former.take());
  return 0;
}
