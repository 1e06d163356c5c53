#include "state.h"

#include <errno.h>
#include <stdatomic.h>
#include <stdlib.h>

#include "errors.h"
#include "handles.h"

static const char side_key[] = "boucle";
const char anchor_tag[] = "lua";

/* Lua universes may live in several threads. */
static _Atomic long alive;

size_t anchors_alive(void) { return (size_t)alive; }
void anchors_count(int change) { alive += change; }

/* ---- the side ---- */

struct side *side_ref(struct side *side) {
  side->references++;
  return side;
}

void side_unref(struct side *side) {
  if (--side->references > 0) return;
  exception_unref(side->memory_error);
  exception_unref(side->caught);
  free(side);
}

static void anchors_close(struct side *side);

static int side_closed(lua_State *L) {
  struct side **box = lua_touserdata(L, 1);
  struct side *side = *box;
  *box = NULL;
  if (side == NULL) return 0;
  side->L = side->running = NULL;
  anchors_close(side);
  /* What was made while the state was being closed (a report has its exception) is never collected by Lua 5.4. */
  lua_rawgeti(L, LUA_REGISTRYINDEX, side->objects);
  if (lua_istable(L, -1)) handle_release_all(L);
  side_unref(side);
  return 0;
}

struct side *side_find(lua_State *L) {
  lua_rawgetp(L, LUA_REGISTRYINDEX, side_key);
  struct side **box = lua_touserdata(L, -1);
  lua_pop(L, 1);
  return box != NULL ? *box : NULL;
}

struct side *side_of(lua_State *L) {
  struct side *side = side_find(L);
  if (side == NULL) luaL_error(L, "boucle: the Lua state is being closed");
  return side;
}

/* ---- protected calls ---- */

struct call {
  protected_fn fn;
  void *argument;
};

static int dispatch(lua_State *L) {
  struct call *call = lua_touserdata(L, 1);
  lua_settop(L, 0);
  call->fn(L, call->argument);
  return lua_gettop(L);
}

static int handler(lua_State *L) {
  struct side *side = side_of(L);
  exception_t *exception = error_take(L, 1, NULL);
  exception_unref(side->caught);
  side->caught = exception;
  return 0;
}

exception_t *side_protect(struct side *side, protected_fn fn, void *argument) {
  struct call call = {fn, argument};
  lua_State *L = side_thread(side);
  if (!lua_checkstack(L, 8)) return exception_ref(side->memory_error);
  int top = lua_gettop(L);
  exception_t *outer = side->caught; /* of an error on its way up, whose <close> variables run now */
  side->caught = NULL;
  lua_rawgeti(L, LUA_REGISTRYINDEX, side->handler);
  lua_rawgeti(L, LUA_REGISTRYINDEX, side->dispatch);
  lua_pushlightuserdata(L, &call);
  int status = lua_pcall(L, 1, 0, top + 1);
  lua_settop(L, top);
  anchors_reap(side);
  exception_t *exception = side->caught;
  side->caught = outer;
  if (status == LUA_OK) return exception_unref(exception), NULL;
  return exception != NULL ? exception : exception_ref(side->memory_error);
}

int side_try(lua_State *L, protected_fn fn, void *argument) {
  struct call call = {fn, argument};
  const struct side *side = lua_checkstack(L, 4) ? side_find(L) : NULL;
  if (side == NULL) { /* the state is being closed, or its stack is full */
    lua_pushnil(L);
    return LUA_ERRRUN;
  }
  lua_rawgeti(L, LUA_REGISTRYINDEX, side->dispatch);
  lua_pushlightuserdata(L, &call);
  return lua_pcall(L, 1, LUA_MULTRET, 0);
}

/* ---- the beginning ---- */

/* Anchored before it is filled, so that an error on the way leaks nothing. */
static struct side *side_new(lua_State *L) {
  struct side **box = lua_newuserdata(L, sizeof *box);
  *box = NULL;
  lua_createtable(L, 0, 1);
  lua_pushcfunction(L, side_closed);
  lua_setfield(L, -2, "__gc");
  lua_setmetatable(L, -2);
  *box = calloc(1, sizeof **box);
  if (*box == NULL) luaL_error(L, "not enough memory");
  (*box)->references = 1;
  if (exception_new_from_status(-ENOMEM, &(*box)->memory_error) != 0) luaL_error(L, "not enough memory");
  lua_rawsetp(L, LUA_REGISTRYINDEX, side_key);
  return *box;
}

struct side *side_open(lua_State *L) {
  struct side *side = side_find(L);
  if (side != NULL) return side;
  side = side_new(L);
  lua_createtable(L, 0, 0);
  lua_createtable(L, 0, 1);
  lua_pushliteral(L, "v");
  lua_setfield(L, -2, "__mode");
  lua_setmetatable(L, -2);
  side->objects = luaL_ref(L, LUA_REGISTRYINDEX);
  lua_pushcfunction(L, dispatch);
  side->dispatch = luaL_ref(L, LUA_REGISTRYINDEX);
  lua_pushcfunction(L, handler);
  side->handler = luaL_ref(L, LUA_REGISTRYINDEX);
  lua_State *thread = lua_newthread(L);
  luaL_ref(L, LUA_REGISTRYINDEX);
  side->L = thread;
  return side;
}

lua_State *side_thread(const struct side *side) { return side->running != NULL ? side->running : side->L; }

lua_State *side_enter(struct side *side, lua_State *L) {
  lua_State *before = side->running;
  side->running = L;
  return before;
}

void side_leave(struct side *side, lua_State *before) {
  if (side->L == NULL) return;
  side->running = before;
  anchors_reap(side);
}

/* ---- anchors ----
 *
 * A value ends on whatever thread drops its last reference (a worker's, that of Go's collector), and a Lua state belongs
 * to one thread at a time. So an anchor that ends puts itself on a list, which its universe empties when it comes by. */

static struct anchor closed; /* an address: the list of a universe that is closed */
static _Atomic unsigned ended_count;

static void anchor_delete(struct anchor *anchor) {
  side_unref(anchor->side);
  free(anchor);
  anchors_count(-1);
}

void anchor_free(void *userdata) {
  struct anchor *anchor = userdata, *top = atomic_load_explicit(&anchor->side->ended, memory_order_acquire);
  atomic_fetch_add_explicit(&ended_count, 1, memory_order_relaxed);
  do {
    if (top == &closed) {
      anchor_delete(anchor);
      return;
    }
    anchor->next = top;
  } while (!atomic_compare_exchange_weak_explicit(&anchor->side->ended, &top, anchor, memory_order_release,
                                                  memory_order_acquire));
}

unsigned anchors_ended(void) { return atomic_load_explicit(&ended_count, memory_order_relaxed); }

void anchors_reap(struct side *side) {
  if (atomic_load_explicit(&side->ended, memory_order_relaxed) == NULL || side->L == NULL) return;
  struct anchor *anchor = atomic_exchange_explicit(&side->ended, NULL, memory_order_acquire), *next;
  for (; anchor != NULL; anchor = next) {
    next = anchor->next;
    luaL_unref(side->L, LUA_REGISTRYINDEX, anchor->reference);
    anchor_delete(anchor);
  }
}

static void anchors_close(struct side *side) {
  struct anchor *anchor = atomic_exchange_explicit(&side->ended, &closed, memory_order_acq_rel), *next;
  for (; anchor != NULL; anchor = next) {
    next = anchor->next;
    anchor_delete(anchor);
  }
}

struct anchor *anchor_new(lua_State *L, int index) {
  struct side *side = side_of(L);
  anchors_reap(side);
  lua_pushvalue(L, index);
  int reference = luaL_ref(L, LUA_REGISTRYINDEX);
  struct anchor *anchor = malloc(sizeof *anchor);
  if (anchor == NULL) {
    luaL_unref(L, LUA_REGISTRYINDEX, reference);
    luaL_error(L, "not enough memory");
    return NULL;
  }
  *anchor = (struct anchor){side_ref(side), reference, NULL};
  anchors_count(1);
  return anchor;
}

int anchor_push(lua_State *L, const struct anchor *anchor) {
  if (anchor->side != side_of(L)) return 0;
  lua_rawgeti(L, LUA_REGISTRYINDEX, anchor->reference);
  return 1;
}
