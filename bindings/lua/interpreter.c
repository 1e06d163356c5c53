#include "interpreter.h"

#include <errno.h>
#include <stdatomic.h>
#include <stdlib.h>

static const char interpreter_key[] = "boucle";
const char foreign_tag[] = "lua";

/* Interpreters may run in several threads. */
static _Atomic long total_held;

size_t held_count(void) { return (size_t)total_held; }
void held_count_add(int change) { total_held += change; }

/* ---- the interpreter ---- */

struct interpreter *interpreter_ref(struct interpreter *interpreter) {
  interpreter->references++;
  return interpreter;
}

void interpreter_unref(struct interpreter *interpreter) {
  if (--interpreter->references > 0) return;
  exception_unref(interpreter->memory_error);
  exception_unref(interpreter->caught);
  free(interpreter);
}

static void foreign_close(struct interpreter *interpreter);

struct interpreter *interpreter_close(lua_State *L) {
  struct interpreter **box = lua_touserdata(L, 1);
  struct interpreter *interpreter = *box;
  *box = NULL;
  if (interpreter == NULL) return NULL;
  interpreter->L = interpreter->running = NULL;
  foreign_close(interpreter);
  return interpreter;
}

struct interpreter *interpreter_find(lua_State *L) {
  lua_rawgetp(L, LUA_REGISTRYINDEX, interpreter_key);
  struct interpreter **box = lua_touserdata(L, -1);
  lua_pop(L, 1);
  return box != NULL ? *box : NULL;
}

struct interpreter *interpreter_of(lua_State *L) {
  struct interpreter *interpreter = interpreter_find(L);
  if (interpreter == NULL) luaL_error(L, "boucle: the Lua state is being closed");
  return interpreter;
}

/* ---- protected calls ---- */

struct call {
  protected_fn fn;
  void *argument;
};

static int trampoline(lua_State *L) {
  struct call *call = lua_touserdata(L, 1);
  lua_settop(L, 0);
  call->fn(L, call->argument);
  return lua_gettop(L);
}

exception_t *call_from_loop(struct interpreter *interpreter, protected_fn fn, void *argument) {
  struct call call = {fn, argument};
  lua_State *L = interpreter_thread(interpreter);
  if (!lua_checkstack(L, 8)) return exception_ref(interpreter->memory_error);
  int top = lua_gettop(L);
  exception_t *outer =
      interpreter->caught; /* not NULL: this call is from a <close> variable, while an error is propagated */
  interpreter->caught = NULL;
  lua_rawgeti(L, LUA_REGISTRYINDEX, interpreter->message_handler);
  lua_rawgeti(L, LUA_REGISTRYINDEX, interpreter->trampoline);
  lua_pushlightuserdata(L, &call);
  int status = lua_pcall(L, 1, 0, top + 1);
  lua_settop(L, top);
  foreign_release_deferred(interpreter);
  exception_t *exception = interpreter->caught;
  interpreter->caught = outer;
  if (status == LUA_OK) return exception_unref(exception), NULL;
  return exception != NULL ? exception : exception_ref(interpreter->memory_error);
}

int cpcall(lua_State *L, protected_fn fn, void *argument) {
  struct call call = {fn, argument};
  const struct interpreter *interpreter = lua_checkstack(L, 4) ? interpreter_find(L) : NULL;
  if (interpreter == NULL) { /* the Lua state is being closed, or its stack is full */
    lua_pushnil(L);
    return LUA_ERRRUN;
  }
  lua_rawgeti(L, LUA_REGISTRYINDEX, interpreter->trampoline);
  lua_pushlightuserdata(L, &call);
  return lua_pcall(L, 1, LUA_MULTRET, 0);
}

/* ---- creating ---- */

/* The userdata exists before the structure, so that an error leaks nothing. */
static struct interpreter *interpreter_new(lua_State *L, lua_CFunction gc) {
  struct interpreter **box = lua_newuserdata(L, sizeof *box);
  *box = NULL;
  lua_createtable(L, 0, 1);
  lua_pushcfunction(L, gc);
  lua_setfield(L, -2, "__gc");
  lua_setmetatable(L, -2);
  *box = calloc(1, sizeof **box);
  if (*box == NULL) luaL_error(L, "not enough memory");
  (*box)->references = 1;
  if (exception_new_from_status(-ENOMEM, &(*box)->memory_error) != 0) luaL_error(L, "not enough memory");
  lua_rawsetp(L, LUA_REGISTRYINDEX, interpreter_key);
  return *box;
}

struct interpreter *interpreter_open(lua_State *L, lua_CFunction gc) {
  struct interpreter *interpreter = interpreter_find(L);
  if (interpreter != NULL) return interpreter;
  interpreter = interpreter_new(L, gc);
  lua_createtable(L, 0, 0);
  lua_createtable(L, 0, 1);
  lua_pushliteral(L, "v");
  lua_setfield(L, -2, "__mode");
  lua_setmetatable(L, -2);
  interpreter->objects = luaL_ref(L, LUA_REGISTRYINDEX);
  lua_pushcfunction(L, trampoline);
  interpreter->trampoline = luaL_ref(L, LUA_REGISTRYINDEX);
  lua_State *thread = lua_newthread(L);
  luaL_ref(L, LUA_REGISTRYINDEX);
  interpreter->L = thread;
  return interpreter;
}

lua_State *interpreter_thread(const struct interpreter *interpreter) {
  return interpreter->running != NULL ? interpreter->running : interpreter->L;
}

lua_State *interpreter_enter(struct interpreter *interpreter, lua_State *L) {
  lua_State *before = interpreter->running;
  interpreter->running = L;
  return before;
}

void interpreter_leave(struct interpreter *interpreter, lua_State *before) {
  if (interpreter->L == NULL) return;
  interpreter->running = before;
  foreign_release_deferred(interpreter);
}

/* ---- foreign values ----
 *
 * A foreign value is destroyed on the thread that gives up its last reference: that may be a worker, or Go's collector.
 * A Lua state belongs to one thread at a time. So foreign_destroy only adds to a list, and the interpreter's thread
 * releases the Lua values of that list later. */

static struct foreign closed; /* its address stands for the list of an interpreter that is closed */

static void foreign_free(struct foreign *foreign) {
  interpreter_unref(foreign->interpreter);
  free(foreign);
  held_count_add(-1);
}

void foreign_destroy(void *userdata) {
  struct foreign *foreign = userdata,
                 *top = atomic_load_explicit(&foreign->interpreter->deferred, memory_order_acquire);
  do {
    if (top == &closed) {
      foreign_free(foreign);
      return;
    }
    foreign->next = top;
  } while (!atomic_compare_exchange_weak_explicit(&foreign->interpreter->deferred, &top, foreign, memory_order_release,
                                                  memory_order_acquire));
}

void foreign_release_deferred(struct interpreter *interpreter) {
  if (atomic_load_explicit(&interpreter->deferred, memory_order_relaxed) == NULL || interpreter->L == NULL) return;
  struct foreign *foreign = atomic_exchange_explicit(&interpreter->deferred, NULL, memory_order_acquire), *next;
  for (; foreign != NULL; foreign = next) {
    next = foreign->next;
    luaL_unref(interpreter->L, LUA_REGISTRYINDEX, foreign->reference);
    foreign_free(foreign);
  }
}

static void foreign_close(struct interpreter *interpreter) {
  struct foreign *foreign = atomic_exchange_explicit(&interpreter->deferred, &closed, memory_order_acq_rel), *next;
  for (; foreign != NULL; foreign = next) {
    next = foreign->next;
    foreign_free(foreign);
  }
}

struct foreign *foreign_new(lua_State *L, int index) {
  struct interpreter *interpreter = interpreter_of(L);
  foreign_release_deferred(interpreter);
  lua_pushvalue(L, index);
  int reference = luaL_ref(L, LUA_REGISTRYINDEX);
  struct foreign *foreign = malloc(sizeof *foreign);
  if (foreign == NULL) {
    luaL_unref(L, LUA_REGISTRYINDEX, reference);
    luaL_error(L, "not enough memory");
    return NULL;
  }
  *foreign = (struct foreign){interpreter_ref(interpreter), reference, NULL};
  held_count_add(1);
  return foreign;
}

int foreign_push(lua_State *L, const struct foreign *foreign) {
  if (foreign->interpreter != interpreter_of(L)) return 0;
  lua_rawgeti(L, LUA_REGISTRYINDEX, foreign->reference);
  return 1;
}
