/* Context variables: contextvars.ContextVar. Each task has values of its own for them: it starts with a copy of the
 * context in which it was made. A callback runs in the context in which it was scheduled. The present context
 * belongs to the loop, not to the thread, so that a host may change threads between two calls. */
#ifndef BOUCLE_CONTEXT_H
#define BOUCLE_CONTEXT_H

#include <boucle/base.h>

BOUCLE_BEGIN_DECLS

/* Variables and their values, as they were at one moment. It never changes; NULL is the empty one. */
typedef struct boucle_context context_t;
/* A variable: a key in contexts. It belongs to no loop. */
typedef struct boucle_context_var context_var_t;

/* Makes a variable. default_value may be NULL (nil); the name is for people.
 *   Ownership: copies name; keeps default_value
 *   Thread: any
 *   Errors: -EINVAL name or ret_var is NULL; -ENOMEM
 *   asyncio: contextvars.ContextVar(name, default=default_value) */
BOUCLE_API int context_var_new(const char *name, value_t *default_value, context_var_t **ret_var);

/* context_var_ref adds an owner of the variable; context_var_unref removes one. Each context that has a value for it
 * is an owner too.
 *   Thread: any
 *   Errors: none; NULL is fine */
BOUCLE_API context_var_t *context_var_ref(context_var_t *var);
BOUCLE_API void context_var_unref(context_var_t *var);

/* Returns the name.
 *   Ownership: lends the text
 *   Thread: any
 *   Errors: none; NULL for NULL
 *   asyncio: var.name */
BOUCLE_API const char *context_var_name(const context_var_t *var);

/* Gets the variable's value in the loop's present context; if it has none there, its default.
 *   Errors: -EINVAL var, loop or ret_value is NULL; LOOP_EWRONGTHREAD
 *   asyncio: var.get() */
BOUCLE_API int context_var_get(const context_var_t *var, const loop_t *loop, value_t **ret_value);

/* Sets the variable's value in the loop's present context. Copies that were made before do not change. value may be
 * NULL (nil).
 *   Ownership: keeps var and value
 *   Errors: -EINVAL var or loop is NULL; LOOP_EWRONGTHREAD; -ENOMEM
 *   asyncio: var.set(value) */
BOUCLE_API int context_var_set(context_var_t *var, loop_t *loop, value_t *value);

/* Gets the loop's present context. This needs no memory: the copy is a reference.
 *   Ownership: *ret_context is a new reference, or NULL, which is the empty context
 *   Errors: -EINVAL loop or ret_context is NULL; LOOP_EWRONGTHREAD
 *   asyncio: contextvars.copy_context() */
BOUCLE_API int context_copy(const loop_t *loop, context_t **ret_context);

/* context_ref adds an owner of the context; context_unref removes one.
 *   Thread: any
 *   Errors: none; NULL is fine */
BOUCLE_API context_t *context_ref(context_t *context);
BOUCLE_API void context_unref(context_t *context);

/* Makes `context` the loop's present context, and gets the former one. It is for bindings that run host code in a
 * context of its own, and switch back after it.
 *   Ownership: keeps context; *ret_context (ret_context may be NULL) is a new reference, or NULL
 *   Errors: -EINVAL loop is NULL; LOOP_EWRONGTHREAD
 *   asyncio: context.run() */
BOUCLE_API int context_switch(loop_t *loop, context_t *context, context_t **ret_context);

BOUCLE_END_DECLS

#endif
