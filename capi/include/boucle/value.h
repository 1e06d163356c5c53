/* Values: what futures carry. Immutable, reference-counted, usable from any thread. NULL is nil. */
#ifndef BOUCLE_VALUE_H
#define BOUCLE_VALUE_H

#include <boucle/base.h>

BOUCLE_BEGIN_DECLS

typedef enum value_kind {
  VALUE_NIL = 0,
  VALUE_BOOL = 1,
  VALUE_INT = 2,
  VALUE_DOUBLE = 3,
  VALUE_TEXT = 4,
  VALUE_BYTES = 5,
  VALUE_LIST = 6,
  VALUE_FOREIGN = 7,
  VALUE_EXCEPTION = 8
} value_kind_t;

BOUCLE_API value_t *value_ref(value_t *value);
BOUCLE_API void value_unref(value_t *value);

/* Errors of all constructors: -ENOMEM; -EINVAL if a pointer that is needed is NULL. */
BOUCLE_API int value_new_bool(int boolean, value_t **ret_value);
BOUCLE_API int value_new_int(int64_t integer, value_t **ret_value);
BOUCLE_API int value_new_double(double number, value_t **ret_value);
/* Copies the text. */
BOUCLE_API int value_new_text(const char *text, value_t **ret_value);
/* Copies size bytes of text, which may contain NULs. */
BOUCLE_API int value_new_text_sized(const char *text, size_t size, value_t **ret_value);
/* Copies the bytes. */
BOUCLE_API int value_new_bytes(const void *data, size_t size, value_t **ret_value);
/* Keeps a reference to each item; items may be NULL (nil). */
BOUCLE_API int value_new_list(value_t *const *items, size_t count, value_t **ret_value);
/* A host's own object, handed back unchanged to the host that knows the tag; destroy runs with the last reference. */
BOUCLE_API int value_new_foreign(const void *tag, void *userdata, destroy_fn destroy, value_t **ret_value);
BOUCLE_API int value_new_exception(exception_t *exception, value_t **ret_value);

/* VALUE_NIL for NULL. */
BOUCLE_API value_kind_t value_kind(const value_t *value);
/* Errors of all getters: LOOP_EKIND if the value is of another kind; -EINVAL. */
BOUCLE_API int value_get_bool(const value_t *value, int *ret_boolean);
BOUCLE_API int value_get_int(const value_t *value, int64_t *ret_integer);
BOUCLE_API int value_get_double(const value_t *value, double *ret_number);
/* Lends the text (terminated by NUL) for as long as the value lives; ret_size may be NULL. */
BOUCLE_API int value_get_text(const value_t *value, const char **ret_text, size_t *ret_size);
BOUCLE_API int value_get_bytes(const value_t *value, const void **ret_data, size_t *ret_size);
/* The number of items. */
BOUCLE_API int value_get_size(const value_t *value, size_t *ret_size);
/* Lends an item. -ERANGE if index is not below the size. */
BOUCLE_API int value_get_item(const value_t *value, size_t index, value_t **ret_item);
/* Lends the host's object; LOOP_EKIND too if its tag is another one. */
BOUCLE_API int value_get_foreign(const value_t *value, const void *tag, void **ret_userdata);
/* Lends the exception. */
BOUCLE_API int value_get_exception(const value_t *value, exception_t **ret_exception);
/* 1 if both are of one kind and equal (lists item by item; foreign values and exceptions by identity), else 0. */
BOUCLE_API int value_equal(const value_t *left, const value_t *right);

BOUCLE_END_DECLS

#endif
