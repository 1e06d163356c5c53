/* Context variables: values that follow the flow of control from task to task. A task starts with a copy of the context
 * of whoever made it; a callback runs in the context of its registration. The present context is the loop's, not the
 * thread's, so that a host may change threads between two calls. */
#ifndef BOUCLE_CONTEXT_H
#define BOUCLE_CONTEXT_H

#include <boucle/base.h>

BOUCLE_BEGIN_DECLS

/* A set of variables and their values, as it was at one moment. Immutable; NULL is the empty one. */
typedef struct boucle_context context_t;
/* A variable: a key in contexts. It belongs to no loop. */
typedef struct boucle_context_var context_var_t;

/* A new variable. default_value may be NULL (nil); the name is for people.
 *   Ownership: copies name; keeps default_value
 *   Thread: any
 *   Errors: -EINVAL name or ret_var is NULL; -ENOMEM
 *   asyncio: contextvars.ContextVar(name, default=default_value) */
BOUCLE_API int context_var_new(const char *name, value_t *default_value, context_var_t **ret_var);

/* One more owner of the variable, and one less. Each context that has a value for it is an owner too.
 *   Thread: any
 *   Errors: none; NULL is fine */
BOUCLE_API context_var_t *context_var_ref(context_var_t *var);
BOUCLE_API void context_var_unref(context_var_t *var);

/* The name.
 *   Ownership: lends the text
 *   Thread: any
 *   Errors: none; NULL for NULL
 *   asyncio: var.name */
BOUCLE_API const char *context_var_name(const context_var_t *var);

/* The value in the present context of the loop, or else the default.
 *   Errors: -EINVAL var, loop or ret_value is NULL; LOOP_EWRONGTHREAD
 *   asyncio: var.get() */
BOUCLE_API int context_var_get(const context_var_t *var, const loop_t *loop, value_t **ret_value);

/* Sets the variable in the present context of the loop; copies made before do not see it. value may be NULL (nil).
 *   Ownership: keeps var and value
 *   Errors: -EINVAL var or loop is NULL; LOOP_EWRONGTHREAD; -ENOMEM
 *   asyncio: var.set(value) */
BOUCLE_API int context_var_set(context_var_t *var, loop_t *loop, value_t *value);

/* The present context of the loop. Takes no memory: a copy is a reference.
 *   Ownership: *ret_context is a new reference, or NULL, which is the empty context
 *   Errors: -EINVAL loop or ret_context is NULL; LOOP_EWRONGTHREAD
 *   asyncio: contextvars.copy_context() */
BOUCLE_API int context_copy(const loop_t *loop, context_t **ret_context);

/* One more owner of the context, and one less.
 *   Thread: any
 *   Errors: none; NULL is fine */
BOUCLE_API context_t *context_ref(context_t *context);
BOUCLE_API void context_unref(context_t *context);

/* Makes it the present context, and hands out the one before: for bindings that run host code in a context of its own,
 * and switch back after it.
 *   Ownership: keeps context; *ret_context (ret_context may be NULL) is a new reference, or NULL
 *   Errors: -EINVAL loop is NULL; LOOP_EWRONGTHREAD
 *   asyncio: context.run() */
BOUCLE_API int context_switch(loop_t *loop, context_t *context, context_t **ret_context);

BOUCLE_END_DECLS

#endif
