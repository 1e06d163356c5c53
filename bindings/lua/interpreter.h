/* What the binding knows of a Lua interpreter: of all coroutines between lua_newstate and lua_close.
 *
 * Invariants:
 * (1) What the core holds for the binding (foreign values, callbacks, tasks) has a counted reference to the
 *     interpreter, because the core may destroy it after lua_close.
 * (2) interpreter->L is NULL once the Lua state is closed. From then on nothing of Lua may be touched.
 * (3) interpreter->running is the innermost Lua thread that has called into the loop. What the loop calls in Lua runs
 *     on top of that thread's stack. */
#ifndef BOUCLE_LUA_INTERPRETER_H
#define BOUCLE_LUA_INTERPRETER_H

#include <boucle/boucle.h>

#include "compat.h"
#include "handle_kind.h"

struct lua_task;
struct held_value;
struct foreign;

struct interpreter {
  lua_State *L;          /* a thread for calls that the loop makes while no Lua code runs */
  lua_State *running;    /* see (3); NULL: no Lua code runs */
  struct lua_task *task; /* the running task, or NULL */
  struct held_value *tasks, *callbacks;
  exception_t *memory_error; /* created early: there may be no memory when it is needed */
  _Atomic size_t references;
  _Atomic(struct foreign *) deferred; /* see foreign_destroy */
  int objects;                        /* registry: table address -> userdata, with weak values */
  int metatables[HANDLE_KINDS];
  int trampoline, message_handler; /* registry: functions that protected calls use */
  exception_t *caught;             /* what the message handler made of the error */
  int hook_called;                 /* LuaJIT: see hooks_are_called */
};

/* Returns the interpreter of L, which the first call creates. `gc` becomes the __gc metamethod of a userdata that lives
 * as long as the Lua state; it must call interpreter_close. */
struct interpreter *interpreter_open(lua_State *L, lua_CFunction gc);
/* Called by the __gc metamethod, with the userdata at index 1: from now on nothing of Lua is touched. Returns the Lua
 * state's reference, which the caller gives up; NULL if the interpreter is closed already. */
struct interpreter *interpreter_close(lua_State *L);
/* Returns the interpreter of L, lent; raises a Lua error if the Lua state is being closed. */
struct interpreter *interpreter_of(lua_State *L);
/* The same; returns NULL if the Lua state is being closed. */
struct interpreter *interpreter_find(lua_State *L);
struct interpreter *interpreter_ref(struct interpreter *interpreter);
void interpreter_unref(struct interpreter *interpreter);
/* Returns the thread on which the loop calls Lua; NULL once the Lua state is closed. */
lua_State *interpreter_thread(const struct interpreter *interpreter);

/* Call interpreter_enter before L calls a function of the core that may call Lua, and interpreter_leave afterwards,
 * with the value that interpreter_enter returned. */
lua_State *interpreter_enter(struct interpreter *interpreter, lua_State *L);
void interpreter_leave(struct interpreter *interpreter, lua_State *before);

typedef void (*protected_fn)(lua_State *L, void *argument);
/* Calls fn, which may raise Lua errors, on the thread of interpreter_thread. Returns NULL, or a new reference to the
 * exception, which has the traceback of the error. interpreter->L must not be NULL. */
exception_t *call_from_loop(struct interpreter *interpreter, protected_fn fn, void *argument);
/* Calls fn in protected mode, on L: for callers that own something which an error would leak. Returns the result of
 * lua_pcall; leaves on the stack what fn has pushed, or the error. Raises no error itself. */
int cpcall(lua_State *L, protected_fn fn, void *argument);

/* A Lua value that a foreign value or a foreign exception of the core refers to: it is their userdata. */
struct foreign {
  struct interpreter *interpreter;
  int reference;
  struct foreign *next; /* in interpreter->deferred */
};
extern const char foreign_tag[];
/* Returns a new one for the value at `index`. May raise a Lua error. */
struct foreign *foreign_new(lua_State *L, int index);
/* A destroy_fn. Thread: any. The Lua value is released later, by foreign_release_deferred. */
void foreign_destroy(void *userdata);
/* Releases the Lua values for which foreign_destroy was called. Thread: that of the interpreter. */
void foreign_release_deferred(struct interpreter *interpreter);
/* Pushes the value and returns 1; pushes nothing and returns 0 if it belongs to another interpreter. */
int foreign_push(lua_State *L, const struct foreign *foreign);

/* Returns how many foreign values, callbacks and tasks the core holds, of all interpreters: for tests. */
size_t held_count(void);
void held_count_add(int change);

#endif
