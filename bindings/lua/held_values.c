#include "held_values.h"

#include "handles.h"
#include "interpreter.h"

int held_value_reference(lua_State *L, int index) {
  lua_pushvalue(L, index);
  return luaL_ref(L, LUA_REGISTRYINDEX);
}

void held_value_add(struct held_value **list, struct held_value *held, int reference, const loop_t *loop) {
  *held = (struct held_value){*list, list, loop, NULL, reference};
  if (held->next != NULL) held->next->link = &held->next;
  *list = held;
}

void held_value_remove(struct held_value *held) {
  *held->link = held->next;
  if (held->next != NULL) held->next->link = held->link;
}

static const char guard_key;

/* Returns whether the value is a table of held values. In LuaJIT the table of a new userdata is that of the globals. */
static int is_held_table(lua_State *L, int index) {
  if (!lua_istable(L, index)) return 0;
  lua_rawgetp(L, index, &guard_key);
  int ours = lua_isuserdata(L, -1);
  lua_pop(L, 1);
  return ours;
}

/* Pushes the table of the loop's held values and returns 1; pushes nothing and returns 0 if there is none. */
static int push_held_table(lua_State *L, const loop_t *loop) {
  handle_push_existing(L, loop);
  if (lua_type(L, -1) != LUA_TUSERDATA) {
    lua_pop(L, 1);
    return 0;
  }
  get_attached_table(L, -1);
  lua_remove(L, -2);
  if (is_held_table(L, -1)) return 1;
  lua_pop(L, 1);
  return 0;
}

void held_value_push(lua_State *L, const struct held_value *held) {
  luaL_checkstack(L, 4, "callbacks");
  if (held->attached_to == NULL) {
    lua_rawgeti(L, LUA_REGISTRYINDEX, held->reference);
  } else if (push_held_table(L, held->attached_to)) {
    lua_rawgeti(L, -1, held->reference);
    lua_remove(L, -2);
  } else {
    lua_pushnil(L);
  }
}

void held_value_free(lua_State *L, struct held_value *held) {
  if (held->attached_to == NULL) {
    luaL_unref(L, LUA_REGISTRYINDEX, held->reference);
  } else if (push_held_table(L, held->attached_to)) {
    luaL_unref(L, -1, held->reference);
    lua_pop(L, 1);
  }
  held->reference = LUA_NOREF;
  held->attached_to = NULL;
}

/* ---- moving the held values of a loop ---- */

typedef void (*move_fn)(lua_State *L, struct held_value *held, int table);

static void move_to_table(lua_State *L, struct held_value *held, int table) {
  if (held->attached_to != NULL || held->reference == LUA_NOREF) return;
  lua_rawgeti(L, LUA_REGISTRYINDEX, held->reference);
  int reference = luaL_ref(L, table);
  luaL_unref(L, LUA_REGISTRYINDEX, held->reference);
  held->reference = reference;
  held->attached_to = held->loop;
}

static void move_to_registry(lua_State *L, struct held_value *held, int table) {
  if (held->attached_to != held->loop) return;
  lua_rawgeti(L, table, held->reference);
  held->reference = luaL_ref(L, LUA_REGISTRYINDEX);
  held->attached_to = NULL;
}

static void move_all(lua_State *L, int table, const loop_t *loop, move_fn move) {
  struct held_value *const lists[] = {interpreter_of(L)->tasks, interpreter_of(L)->callbacks};
  for (size_t i = 0; i < sizeof lists / sizeof *lists; i++)
    for (struct held_value *held = lists[i]; held != NULL; held = held->next)
      if (held->loop == loop) move(L, held, table);
}

/* The loop's userdata is about to be collected. Moves the held values back to the registry, for the code that runs
 * until the loop is destroyed. The guard was created after the handles of the loop's objects, so the collector
 * finalizes it before them. */
static int guard_gc(lua_State *L) {
  const loop_t **guard = lua_touserdata(L, 1);
  if (guard == NULL || interpreter_find(L) == NULL) return 0;
  get_attached_table(L, 1);
  if (is_held_table(L, -1)) move_all(L, lua_gettop(L), *guard, move_to_registry);
  return 0;
}

/* Puts the guard, a userdata, into the table at the top of the stack. */
static void add_guard(lua_State *L, const loop_t *loop) {
  const loop_t **guard = new_attachable_userdata(L, sizeof *guard);
  *guard = loop;
  lua_pushvalue(L, -2);
  attach_table(L, -2);
  lua_createtable(L, 0, 1);
  lua_pushcfunction(L, guard_gc);
  lua_setfield(L, -2, "__gc");
  lua_setmetatable(L, -2);
  lua_rawsetp(L, -2, &guard_key);
}

void held_values_attach(lua_State *L, int index, const loop_t *loop) {
  index = lua_absindex(L, index);
  luaL_checkstack(L, 8, "loops");
  if (!push_held_table(L, loop)) {
    lua_createtable(L, 4, 1);
    add_guard(L, loop);
    lua_pushvalue(L, -1);
    attach_table(L, index);
  }
  move_all(L, lua_gettop(L), loop, move_to_table);
  lua_pop(L, 1);
}
