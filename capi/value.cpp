#include <cerrno>
#include <cstring>

#include "boundary.hpp"

static_assert(VALUE_NIL == int(ValueKind::Nil) && VALUE_BOOL == int(ValueKind::Bool) &&
              VALUE_INT == int(ValueKind::Int) && VALUE_DOUBLE == int(ValueKind::Double) &&
              VALUE_TEXT == int(ValueKind::Text) && VALUE_BYTES == int(ValueKind::Bytes) &&
              VALUE_LIST == int(ValueKind::List) && VALUE_FOREIGN == int(ValueKind::Foreign) &&
              VALUE_EXCEPTION == int(ValueKind::Exception) && VALUE_ADDRESS == int(ValueKind::Address));

namespace {
// The checks of a getter: NULL arguments, then the kind.
Status expect(const value_t *value, ValueKind kind, const void *ret) noexcept {
  if (!ret) return status::INVALID;
  return Value::kind_of(unwrap(value)) == kind ? 0 : status::KIND;
}
}  // namespace

value_t *value_ref(value_t *value) { return ref(value); }
void value_unref(value_t *value) { unref(value); }

int value_new_bool(int boolean, value_t **ret_value) {
  if (!ret_value) return status::INVALID;
  return give_value(Value::boolean(boolean != 0), ret_value);
}

int value_new_int(int64_t integer, value_t **ret_value) {
  if (!ret_value) return status::INVALID;
  return guard([&] { return give_value(Value::integer(integer), ret_value); });
}

int value_new_double(double number, value_t **ret_value) {
  if (!ret_value) return status::INVALID;
  return guard([&] { return give_value(Value::number(number), ret_value); });
}

int value_new_text(const char *text, value_t **ret_value) {
  return text ? value_new_text_sized(text, std::strlen(text), ret_value) : status::INVALID;
}

int value_new_text_sized(const char *text, size_t size, value_t **ret_value) {
  if ((!text && size) || !ret_value) return status::INVALID;
  return guard([&] { return give_value(Value::text(text, size), ret_value); });
}

int value_new_bytes(const void *data, size_t size, value_t **ret_value) {
  if ((!data && size) || !ret_value) return status::INVALID;
  return guard([&] { return give_value(Value::bytes(data, size), ret_value); });
}

int value_new_list(value_t *const *items, size_t count, value_t **ret_value) {
  if ((!items && count) || !ret_value) return status::INVALID;
  return guard([&] {
    Ref<Value> list = Value::list(unwrap(items), count);
    for (size_t i = 0; i < count; ++i) ref(items[i]);
    return give_value(std::move(list), ret_value);
  });
}

int value_new_foreign(const void *tag, void *userdata, destroy_fn destroy, value_t **ret_value) {
  Userdata owned(userdata, destroy);
  if (!tag || !ret_value) return status::INVALID;
  return guard([&] { return give_value(Value::foreign(tag, std::move(owned)), ret_value); });
}

int value_new_exception(exception_t *exception, value_t **ret_value) {
  if (!exception || !ret_value) return status::INVALID;
  return guard([&] { return give_value(Value::exception(Ref<Exception>(unwrap(exception))), ret_value); });
}

value_kind_t value_kind(const value_t *value) { return static_cast<value_kind_t>(Value::kind_of(unwrap(value))); }

int value_get_bool(const value_t *value, int *ret_boolean) {
  if (Status s = expect(value, ValueKind::Bool, ret_boolean)) return s;
  *ret_boolean = Value::as_bool(unwrap(value));
  return 0;
}

int value_get_int(const value_t *value, int64_t *ret_integer) {
  if (Status s = expect(value, ValueKind::Int, ret_integer)) return s;
  *ret_integer = Value::as_int(unwrap(value));
  return 0;
}

int value_get_double(const value_t *value, double *ret_number) {
  if (Status s = expect(value, ValueKind::Double, ret_number)) return s;
  *ret_number = unwrap(value)->as_double();
  return 0;
}

int value_get_text(const value_t *value, const char **ret_text, size_t *ret_size) {
  if (Status s = expect(value, ValueKind::Text, ret_text)) return s;
  *ret_text = unwrap(value)->data();
  if (ret_size) *ret_size = unwrap(value)->size();
  return 0;
}

int value_get_bytes(const value_t *value, const void **ret_data, size_t *ret_size) {
  if (Status s = expect(value, ValueKind::Bytes, ret_data && ret_size ? ret_data : nullptr)) return s;
  *ret_data = unwrap(value)->data();
  *ret_size = unwrap(value)->size();
  return 0;
}

int value_get_size(const value_t *value, size_t *ret_size) {
  if (Status s = expect(value, ValueKind::List, ret_size)) return s;
  *ret_size = unwrap(value)->size();
  return 0;
}

int value_get_item(const value_t *value, size_t index, value_t **ret_item) {
  if (Status s = expect(value, ValueKind::List, ret_item)) return s;
  if (index >= unwrap(value)->size()) return -ERANGE;
  *ret_item = wrap(unwrap(value)->items()[index]);
  return 0;
}

int value_get_foreign(const value_t *value, const void *tag, void **ret_userdata) {
  if (Status s = expect(value, ValueKind::Foreign, ret_userdata)) return s;
  if (unwrap(value)->tag() != tag) return status::KIND;
  *ret_userdata = unwrap(value)->userdata();
  return 0;
}

int value_get_exception(const value_t *value, exception_t **ret_exception) {
  if (Status s = expect(value, ValueKind::Exception, ret_exception)) return s;
  *ret_exception = wrap(unwrap(value)->exception());
  return 0;
}

int value_equal(const value_t *left, const value_t *right) { return Value::equal(unwrap(left), unwrap(right)); }
