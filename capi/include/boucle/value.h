/* Values: the results of futures. They never change, and may be used from any thread. NULL is nil. */
#ifndef BOUCLE_VALUE_H
#define BOUCLE_VALUE_H

#include <boucle/base.h>

BOUCLE_BEGIN_DECLS

/* The kind of a value. */
typedef enum boucle_value_kind {
  VALUE_NIL = 0,
  VALUE_BOOL = 1,
  VALUE_INT = 2,
  VALUE_DOUBLE = 3,
  VALUE_TEXT = 4,
  VALUE_BYTES = 5,
  VALUE_LIST = 6,
  VALUE_FOREIGN = 7,
  VALUE_EXCEPTION = 8,
  VALUE_ADDRESS = 9 /* see boucle/address.h */
} value_kind_t;

/* value_ref adds an owner of the value; value_unref removes one.
 *   Thread: any
 *   Errors: none; NULL is fine */
BOUCLE_API value_t *value_ref(value_t *value);
BOUCLE_API void value_unref(value_t *value);

/* ---- making ---- */

/* Makes a boolean: false if `boolean` is 0, else true.
 *   Thread: any
 *   Errors: -EINVAL ret_value is NULL */
BOUCLE_API int value_new_bool(int boolean, value_t **ret_value);

/* Makes an integer. One of 63 bits needs no memory.
 *   Thread: any
 *   Errors: -EINVAL ret_value is NULL; -ENOMEM */
BOUCLE_API int value_new_int(int64_t integer, value_t **ret_value);

/* Makes a floating-point number, which may be NaN or infinite.
 *   Thread: any
 *   Errors: -EINVAL ret_value is NULL; -ENOMEM */
BOUCLE_API int value_new_double(double number, value_t **ret_value);

/* Makes a text: a copy, up to the NUL. It does not check that the text is UTF-8.
 *   Thread: any
 *   Errors: -EINVAL text or ret_value is NULL; -ENOMEM */
BOUCLE_API int value_new_text(const char *text, value_t **ret_value);

/* Makes a text: a copy of `size` bytes, which may contain NULs. text may be NULL if size is 0.
 *   Thread: any
 *   Errors: -EINVAL ret_value is NULL, or text is NULL and size is not 0; -ENOMEM */
BOUCLE_API int value_new_text_sized(const char *text, size_t size, value_t **ret_value);

/* Makes a value of bytes: a copy of `size` bytes. data may be NULL if size is 0.
 *   Thread: any
 *   Errors: -EINVAL ret_value is NULL, or data is NULL and size is not 0; -ENOMEM */
BOUCLE_API int value_new_bytes(const void *data, size_t size, value_t **ret_value);

/* Makes a list of `count` items. Each item may be NULL (nil); items may be NULL if count is 0.
 *   Ownership: borrows the array, keeps each item
 *   Thread: any
 *   Errors: -EINVAL ret_value is NULL, or items is NULL and count is not 0; -ENOMEM */
BOUCLE_API int value_new_list(value_t *const *items, size_t count, value_t **ret_value);

/* Makes a value that carries a host's own object. value_get_foreign returns the object to the host that knows the
 * tag.
 *
 * The tag is an address that no other host has, such as that of a static variable of the host. It is compared, never
 * read.
 *   Ownership: takes userdata: destroy runs when the last reference is given up, on that thread
 *   Thread: any
 *   Errors: -EINVAL tag or ret_value is NULL; -ENOMEM */
BOUCLE_API int value_new_foreign(const void *tag, void *userdata, destroy_fn destroy, value_t **ret_value);

/* Makes a value of an exception. The list of a gather with return_exceptions contains such values.
 *   Ownership: keeps exception
 *   Thread: any
 *   Errors: -EINVAL exception or ret_value is NULL; -ENOMEM */
BOUCLE_API int value_new_exception(exception_t *exception, value_t **ret_value);

/* ---- reading: nil is of another kind than each of these functions expects ---- */

/* Returns the value's kind.
 *   Thread: any
 *   Errors: none; VALUE_NIL for NULL */
BOUCLE_API value_kind_t value_kind(const value_t *value);

/* Gets a boolean: *ret_boolean is 1 or 0.
 *   Thread: any
 *   Errors: -EINVAL ret_boolean is NULL; LOOP_EKIND it is of another kind */
BOUCLE_API int value_get_bool(const value_t *value, int *ret_boolean);

/* Gets an integer. A double is not converted.
 *   Thread: any
 *   Errors: -EINVAL ret_integer is NULL; LOOP_EKIND it is of another kind */
BOUCLE_API int value_get_int(const value_t *value, int64_t *ret_integer);

/* Gets a floating-point number. An integer is not converted.
 *   Thread: any
 *   Errors: -EINVAL ret_number is NULL; LOOP_EKIND it is of another kind */
BOUCLE_API int value_get_double(const value_t *value, double *ret_number);

/* Gets a text, terminated by NUL. *ret_size (ret_size may be NULL) is its length in bytes, without that NUL.
 *   Ownership: lends *ret_text
 *   Thread: any
 *   Errors: -EINVAL ret_text is NULL; LOOP_EKIND it is of another kind */
BOUCLE_API int value_get_text(const value_t *value, const char **ret_text, size_t *ret_size);

/* Gets bytes, and how many they are.
 *   Ownership: lends *ret_data
 *   Thread: any
 *   Errors: -EINVAL ret_data or ret_size is NULL; LOOP_EKIND it is of another kind */
BOUCLE_API int value_get_bytes(const value_t *value, const void **ret_data, size_t *ret_size);

/* Gets how many items a list has.
 *   Thread: any
 *   Errors: -EINVAL ret_size is NULL; LOOP_EKIND it is of another kind */
BOUCLE_API int value_get_size(const value_t *value, size_t *ret_size);

/* Gets an item of a list. If that item is nil, *ret_item is NULL.
 *   Ownership: lends *ret_item
 *   Thread: any
 *   Errors: -EINVAL ret_item is NULL; LOOP_EKIND it is of another kind; -ERANGE index is not below the number of
 *       items */
BOUCLE_API int value_get_item(const value_t *value, size_t index, value_t **ret_item);

/* Gets the host's object.
 *   Ownership: lends *ret_userdata
 *   Thread: any
 *   Errors: -EINVAL ret_userdata is NULL; LOOP_EKIND it is of another kind, or has another tag */
BOUCLE_API int value_get_foreign(const value_t *value, const void *tag, void **ret_userdata);

/* Gets the exception.
 *   Ownership: lends *ret_exception
 *   Thread: any
 *   Errors: -EINVAL ret_exception is NULL; LOOP_EKIND it is of another kind */
BOUCLE_API int value_get_exception(const value_t *value, exception_t **ret_exception);

/* Returns 1 if both values are of one kind and equal, else 0.
 *
 * Lists are compared item by item, exceptions by identity, foreign values by tag and userdata, addresses
 * by family, host, scope and port, or by path. An integer never
 * equals a double. A NaN equals only the very same value.
 *   Thread: any
 *   Errors: none; NULL is nil, which equals nil */
BOUCLE_API int value_equal(const value_t *left, const value_t *right);

BOUCLE_END_DECLS

#endif
