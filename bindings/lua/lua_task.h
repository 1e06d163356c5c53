/* A task that runs a Lua coroutine: its data. */
#ifndef BOUCLE_LUA_LUA_TASK_H
#define BOUCLE_LUA_LUA_TASK_H

#include <boucle/boucle.h>

#include "compat.h"
#include "held_values.h"
#include "interpreter.h"

enum awaited_kind { AWAITED_NOTHING, AWAITED_FUTURE, AWAITED_COROUTINE, AWAITED_SLEEP };

struct lua_task {
  struct held_value held; /* the thread, in the list interpreter->tasks */
  struct interpreter *interpreter;
  lua_State *thread;
  int arguments;            /* how many are on the thread's stack, above the function; -1 once it has started */
  task_t *task;             /* lent: the task owns this structure; NULL while the task is created */
  exception_t *last_raised; /* what the last await raised, or NULL */
  enum awaited_kind awaited_kind;
  union {
    future_t *future;       /* a reference */
    coroutine_t *coroutine; /* a reference */
    double seconds;
  } awaited;
};

#endif
