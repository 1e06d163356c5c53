/* Lua coroutines as tasks. A step resumes the coroutine; whatever suspends it says to the task what it waits for, and
 * yields. The outcome is pushed, or raised, inside the coroutine again, where an error is protected. */
#ifndef BOUCLE_LUA_TASKS_H
#define BOUCLE_LUA_TASKS_H

#include <boucle/boucle.h>

#include "compat.h"
#include "held_values.h"
#include "interpreter.h"

enum awaited_kind { AWAITED_NOTHING, AWAITED_FUTURE, AWAITED_COROUTINE, AWAITED_SLEEP };

struct lua_task {
  struct interpreter *interpreter;
  lua_State *thread;
  struct lua_task *next, **link; /* in interpreter->tasks */
  struct held_value held;        /* keeps the thread */
  int arguments;                 /* on the thread's stack, above the function; -1 once started */
  task_t *task;                  /* lent: it owns this; NULL while it is made */
  loop_t *loop;                  /* lent */
  exception_t *last_raised;      /* what the last wait raised, or NULL */
  enum awaited_kind awaited_kind;
  union {
    future_t *future;       /* a reference */
    coroutine_t *coroutine; /* a reference */
    double seconds;
  } awaited;
};

/* Makes a task of the function at `index` of the stack and the arguments above it, which it pops. `group` may be NULL.
 * Returns a new reference. Raises a Lua error. */
future_t *task_spawn(lua_State *L, loop_t *loop, task_group_t *group, int index, const char *name);

/* Adds what LuaJIT needs in order to wait to the table on the top of the stack. */
void await_register(lua_State *L);

/* Raise an error unless L is the coroutine of the task that is running. */
void check_can_wait(lua_State *L, const char *name);
/* The same, and unless it can be suspended here. */
void check_can_suspend(lua_State *L, const char *name);
/* What a function returns in order to wait. That of a coroutine takes over the reference. After check_can_suspend; for a
 * future, which may be done already, after check_can_wait; it is on the stack. */
int wait_for_future(lua_State *L, future_t *future);
int wait_for_coroutine(lua_State *L, coroutine_t *coroutine);
int wait_for_time(lua_State *L, double seconds);

#endif
