/* Context variables: values that follow the flow of control from task to task. A task starts with a copy of the context
 * of whoever made it; a callback runs in the context of its registration. */
#ifndef BOUCLE_CONTEXT_H
#define BOUCLE_CONTEXT_H

#include <boucle/base.h>

BOUCLE_BEGIN_DECLS

/* A set of variables and their values, as it was at one moment. */
typedef struct context context_t;
typedef struct context_var context_var_t;

/* name is copied, for people. default_value may be NULL (nil). asyncio: contextvars.ContextVar() */
BOUCLE_API int context_var_new(const char *name, value_t *default_value, context_var_t **ret_var);
BOUCLE_API context_var_t *context_var_ref(context_var_t *var);
BOUCLE_API void context_var_unref(context_var_t *var);
/* Lends the name. */
BOUCLE_API const char *context_var_name(const context_var_t *var);
/* The value in the present context of the loop, or the default. */
BOUCLE_API int context_var_get(const context_var_t *var, const loop_t *loop, value_t **ret_value);
/* Errors: -EINVAL, LOOP_EWRONGTHREAD, -ENOMEM. */
BOUCLE_API int context_var_set(context_var_t *var, loop_t *loop, value_t *value);

/* The present context of the loop: contextvars.copy_context(). NULL, with 0, is the empty one. */
BOUCLE_API int context_copy(const loop_t *loop, context_t **ret_context);
BOUCLE_API context_t *context_ref(context_t *context);
BOUCLE_API void context_unref(context_t *context);
/* Makes it the present context, and hands out the one before (ret_context may be NULL): for bindings that run host code
 * in a context of its own. */
BOUCLE_API int context_switch(loop_t *loop, context_t *context, context_t **ret_context);

BOUCLE_END_DECLS

#endif
