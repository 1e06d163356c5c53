/* What is known of a task whose coroutine is Lua's. */
#ifndef BOUCLE_LUA_LUA_TASK_H
#define BOUCLE_LUA_LUA_TASK_H

#include <boucle/boucle.h>

#include "compat.h"
#include "held_values.h"
#include "interpreter.h"

enum awaited_kind { AWAITED_NOTHING, AWAITED_FUTURE, AWAITED_COROUTINE, AWAITED_SLEEP };

struct lua_task {
  struct held_value held; /* the thread, on interpreter->tasks */
  struct interpreter *interpreter;
  lua_State *thread;
  int arguments;            /* on the thread's stack, above the function; -1 once started */
  task_t *task;             /* lent: it owns this; NULL while it is made */
  exception_t *last_raised; /* what the last wait raised, or NULL */
  enum awaited_kind awaited_kind;
  union {
    future_t *future;       /* a reference */
    coroutine_t *coroutine; /* a reference */
    double seconds;
  } awaited;
};

#endif
