/* Values: what futures carry. Immutable, reference-counted, usable from any thread. NULL is nil. */
#ifndef BOUCLE_VALUE_H
#define BOUCLE_VALUE_H

#include <boucle/base.h>

BOUCLE_BEGIN_DECLS

/* What a value is. */
typedef enum boucle_value_kind {
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

/* One more owner of the value, and one less.
 *   Thread: any
 *   Errors: none; NULL is fine */
BOUCLE_API value_t *value_ref(value_t *value);
BOUCLE_API void value_unref(value_t *value);

/* ---- making ---- */

/* true for any boolean but 0, else false.
 *   Thread: any
 *   Errors: -EINVAL ret_value is NULL */
BOUCLE_API int value_new_bool(int boolean, value_t **ret_value);

/* An integer. Those of 63 bits need no memory.
 *   Thread: any
 *   Errors: -EINVAL ret_value is NULL; -ENOMEM */
BOUCLE_API int value_new_int(int64_t integer, value_t **ret_value);

/* A floating-point number; NaN and the infinities are numbers too.
 *   Thread: any
 *   Errors: -EINVAL ret_value is NULL; -ENOMEM */
BOUCLE_API int value_new_double(double number, value_t **ret_value);

/* A copy of the text, which ends at its NUL. That it is UTF-8 is not checked.
 *   Thread: any
 *   Errors: -EINVAL text or ret_value is NULL; -ENOMEM */
BOUCLE_API int value_new_text(const char *text, value_t **ret_value);

/* A copy of `size` bytes of text, which may contain NULs. text may be NULL if size is 0.
 *   Thread: any
 *   Errors: -EINVAL ret_value is NULL, or text is while size is not 0; -ENOMEM */
BOUCLE_API int value_new_text_sized(const char *text, size_t size, value_t **ret_value);

/* A copy of `size` bytes. data may be NULL if size is 0.
 *   Thread: any
 *   Errors: -EINVAL ret_value is NULL, or data is while size is not 0; -ENOMEM */
BOUCLE_API int value_new_bytes(const void *data, size_t size, value_t **ret_value);

/* A list of `count` items, each of which may be NULL (nil). items may be NULL if count is 0.
 *   Ownership: borrows the array, keeps each item
 *   Thread: any
 *   Errors: -EINVAL ret_value is NULL, or items is while count is not 0; -ENOMEM */
BOUCLE_API int value_new_list(value_t *const *items, size_t count, value_t **ret_value);

/* A host's own object, handed back unchanged to the host that knows the tag.
 *
 * The tag is an address that only this host has, such as that of a variable of its own; it is compared, never read.
 *   Ownership: takes userdata: destroy runs with the last reference, on the thread that drops it
 *   Thread: any
 *   Errors: -EINVAL tag or ret_value is NULL; -ENOMEM */
BOUCLE_API int value_new_foreign(const void *tag, void *userdata, destroy_fn destroy, value_t **ret_value);

/* An exception as a value, as in the list of a gather with return_exceptions.
 *   Ownership: keeps exception
 *   Thread: any
 *   Errors: -EINVAL exception or ret_value is NULL; -ENOMEM */
BOUCLE_API int value_new_exception(exception_t *exception, value_t **ret_value);

/* ---- reading: nil is of another kind than all of these ask for ---- */

/* What the value is.
 *   Thread: any
 *   Errors: none; VALUE_NIL for NULL */
BOUCLE_API value_kind_t value_kind(const value_t *value);

/* *ret_boolean is 1 or 0.
 *   Thread: any
 *   Errors: -EINVAL ret_boolean is NULL; LOOP_EKIND it is no bool */
BOUCLE_API int value_get_bool(const value_t *value, int *ret_boolean);

/* The integer; a double is not converted.
 *   Thread: any
 *   Errors: -EINVAL ret_integer is NULL; LOOP_EKIND it is no int */
BOUCLE_API int value_get_int(const value_t *value, int64_t *ret_integer);

/* The number; an int is not converted.
 *   Thread: any
 *   Errors: -EINVAL ret_number is NULL; LOOP_EKIND it is no double */
BOUCLE_API int value_get_double(const value_t *value, double *ret_number);

/* The text, terminated by NUL; *ret_size (may be NULL) is its length in bytes, without that NUL.
 *   Ownership: lends *ret_text
 *   Thread: any
 *   Errors: -EINVAL ret_text is NULL; LOOP_EKIND it is no text */
BOUCLE_API int value_get_text(const value_t *value, const char **ret_text, size_t *ret_size);

/* The bytes, and how many they are.
 *   Ownership: lends *ret_data
 *   Thread: any
 *   Errors: -EINVAL ret_data or ret_size is NULL; LOOP_EKIND it is no bytes */
BOUCLE_API int value_get_bytes(const value_t *value, const void **ret_data, size_t *ret_size);

/* The number of a list's items.
 *   Thread: any
 *   Errors: -EINVAL ret_size is NULL; LOOP_EKIND it is no list */
BOUCLE_API int value_get_size(const value_t *value, size_t *ret_size);

/* An item of a list; NULL if that item is nil.
 *   Ownership: lends *ret_item
 *   Thread: any
 *   Errors: -EINVAL ret_item is NULL; LOOP_EKIND it is no list; -ERANGE index is not below the number of items */
BOUCLE_API int value_get_item(const value_t *value, size_t index, value_t **ret_item);

/* The host's object.
 *   Ownership: lends *ret_userdata
 *   Thread: any
 *   Errors: -EINVAL ret_userdata is NULL; LOOP_EKIND it is not foreign, or has another tag */
BOUCLE_API int value_get_foreign(const value_t *value, const void *tag, void **ret_userdata);

/* The exception.
 *   Ownership: lends *ret_exception
 *   Thread: any
 *   Errors: -EINVAL ret_exception is NULL; LOOP_EKIND it is no exception */
BOUCLE_API int value_get_exception(const value_t *value, exception_t **ret_exception);

/* 1 if both are of one kind and equal, else 0.
 *
 * Lists are compared item by item; exceptions by identity; foreign values by tag and userdata. An int never equals a
 * double; a NaN equals nothing but the very same value.
 *   Thread: any
 *   Errors: none; NULL is nil, which equals nil */
BOUCLE_API int value_equal(const value_t *left, const value_t *right);

BOUCLE_END_DECLS

#endif
