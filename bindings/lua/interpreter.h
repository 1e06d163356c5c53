/* One Lua interpreter (a main state and its coroutines), as the core's callbacks see it.
 *
 * Invariants: (1) whatever the core holds of ours refers to a `struct interpreter`, by count: it may be freed after lua_close;
 * (2) interpreter->L is NULL once the interpreter is closed, and then nothing of Lua may be touched; (3) interpreter->running is the
 * innermost thread that is inside the loop, so that a call from the loop stands on top of it. */
#ifndef BOUCLE_LUA_INTERPRETER_H
#define BOUCLE_LUA_INTERPRETER_H

#include <boucle/boucle.h>

#include "compat.h"
#include "handle_kind.h"

struct lua_task;
struct held_value;
struct foreign;

struct interpreter {
  lua_State *L;          /* a thread of its own, for calls that come while no Lua runs */
  lua_State *running;    /* or NULL */
  struct lua_task *task; /* the one whose step runs, or NULL */
  struct held_value *tasks, *callbacks;
  exception_t *memory_error; /* made beforehand */
  _Atomic size_t references;
  _Atomic(struct foreign *) deferred; /* those to be let go of; see foreign_destroy */
  int objects;                        /* registry: address -> userdata, weakly */
  int metatables[HANDLE_KINDS];
  int trampoline, message_handler; /* registry: the two functions of a protected call */
  exception_t *caught;             /* by the handler */
  int hook_called;                 /* LuaJIT: the hook that looks whether hooks are called was called */
};

/* The data of the interpreter. The first call makes them; `gc` is the metamethod that calls interpreter_close. */
struct interpreter *interpreter_open(lua_State *L, lua_CFunction gc);
/* For the __gc metamethod, whose argument is at index 1: Lua is not touched any more. Returns the reference that the Lua
 * state had; NULL if it has none any more. */
struct interpreter *interpreter_close(lua_State *L);
struct interpreter *interpreter_of(lua_State *L);
/* The same; NULL if the interpreter is being closed. */
struct interpreter *interpreter_find(lua_State *L);
struct interpreter *interpreter_ref(struct interpreter *interpreter);
void interpreter_unref(struct interpreter *interpreter);
/* The thread on which to call Lua from the outside; NULL once the interpreter is closed. */
lua_State *interpreter_thread(const struct interpreter *interpreter);

/* Marks L as the thread that is inside the loop; hand what it returns to interpreter_leave. */
lua_State *interpreter_enter(struct interpreter *interpreter, lua_State *L);
void interpreter_leave(struct interpreter *interpreter, lua_State *before);

typedef void (*protected_fn)(lua_State *L, void *argument);
/* Calls fn, which may raise Lua errors, on the interpreter's thread. Returns NULL, or the exception (a new reference) with
 * the traceback of the error; the caller looks at interpreter->L first. */
exception_t *call_from_loop(struct interpreter *interpreter, protected_fn fn, void *argument);
/* Calls fn on L, for a caller that owns what an error would lose. Returns what lua_pcall does, with what fn has pushed, or
 * the error, on the stack. Raises no error itself. */
int cpcall(lua_State *L, protected_fn fn, void *argument);

/* A Lua value that the core owns: what a foreign value and a foreign exception point to. */
struct foreign {
  struct interpreter *interpreter;
  int reference;
  struct foreign *next; /* of those that ended */
};
extern const char foreign_tag[];
/* May raise a Lua error. */
struct foreign *foreign_new(lua_State *L, int index);
/* On any thread: Lua lets go of the value when it comes by. */
void foreign_destroy(void *userdata);
/* Lets go of the values whose destroy function ran. */
void foreign_release_deferred(struct interpreter *interpreter);
/* Pushes the value; 0 if it is of another interpreter. */
int foreign_push(lua_State *L, const struct foreign *foreign);

/* How many foreign values, callbacks and tasks the core holds, in all interpreters: for tests. */
size_t held_count(void);
void held_count_add(int change);

#endif
