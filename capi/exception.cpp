#include "boundary.hpp"

exception_t *exception_ref(exception_t *exception) { return ref(exception); }
void exception_unref(exception_t *exception) { unref(exception); }

int exception_new(const char *kind, const char *message, exception_t **ret_exception) {
  if (!kind || !ret_exception) return status::INVALID;
  return guard([&] { return give(Exception::make(kind, message), ret_exception); });
}

int exception_new_from_status(int status, exception_t **ret_exception) {
  if (status >= 0 || !ret_exception) return status::INVALID;
  return guard([&] { return give(Exception::from_status(status), ret_exception); });
}

int exception_new_foreign(const char *kind, const char *message, const void *tag, void *userdata, destroy_fn destroy,
                          exception_t **ret_exception) {
  Userdata owned(userdata, destroy);
  if (!kind || !tag || !ret_exception) return status::INVALID;
  return guard(
      [&] { return give(Exception::carrying(Value::foreign(tag, std::move(owned)), kind, message), ret_exception); });
}

int exception_new_group(const char *message, exception_t *const *members, size_t count, exception_t **ret_exception) {
  if (!members || !count || !ret_exception) return status::INVALID;
  for (size_t i = 0; i < count; ++i) {
    if (!members[i]) return status::INVALID;
  }
  return guard([&] {
    std::vector<Ref<Exception>> errors;
    for (size_t i = 0; i < count; ++i) errors.emplace_back(unwrap(members[i]));
    return give(Exception::group(message, std::move(errors)), ret_exception);
  });
}

int exception_new_with_cause(exception_t *exception, exception_t *cause, exception_t **ret_exception) {
  if (!exception || !ret_exception) return status::INVALID;
  return guard([&] { return give(unwrap(exception)->with_cause(Ref<Exception>(unwrap(cause))), ret_exception); });
}

int exception_new_with_note(exception_t *exception, const char *note, exception_t **ret_exception) {
  if (!exception || !note || !ret_exception) return status::INVALID;
  return guard([&] { return give(unwrap(exception)->with_note(note), ret_exception); });
}

const char *exception_kind(const exception_t *exception) { return exception ? unwrap(exception)->kind() : nullptr; }
const char *exception_message(const exception_t *exception) {
  return exception ? unwrap(exception)->message() : nullptr;
}
int exception_status(const exception_t *exception) { return exception ? unwrap(exception)->status() : 0; }
value_t *exception_value(const exception_t *exception) {
  return exception ? wrap(unwrap(exception)->payload()) : nullptr;
}
exception_t *exception_cause(const exception_t *exception) {
  return exception ? wrap(unwrap(exception)->cause()) : nullptr;
}

size_t exception_member_count(const exception_t *exception) {
  return exception ? unwrap(exception)->members().size() : 0;
}
exception_t *exception_member(const exception_t *exception, size_t index) {
  return index < exception_member_count(exception) ? wrap(unwrap(exception)->members()[index].get()) : nullptr;
}

size_t exception_note_count(const exception_t *exception) { return exception ? unwrap(exception)->notes().size() : 0; }
const char *exception_note(const exception_t *exception, size_t index) {
  return index < exception_note_count(exception) ? unwrap(exception)->notes()[index].c_str() : nullptr;
}

int exception_get_foreign(const exception_t *exception, const void *tag, void **ret_userdata) {
  if (!exception || !ret_userdata) return status::INVALID;
  Value *payload = unwrap(exception)->payload();
  return payload ? value_get_foreign(wrap(payload), tag, ret_userdata) : status::KIND;
}

int exception_matches(const exception_t *exception, const char *kind) {
  return exception && kind && unwrap(exception)->matches(kind);
}
