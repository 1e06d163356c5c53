/* Lua 5.4's API on LuaJIT, which has that of 5.1 and a little more. */
#ifndef BOUCLE_LUA_COMPAT_H
#define BOUCLE_LUA_COMPAT_H

#include <lauxlib.h>
#include <lua.h>

#if LUA_VERSION_NUM < 502

#define BOUCLE_LUA_51 1
#define LUA_OK 0
#ifndef lua_rawlen
#define lua_rawlen(L, index) lua_objlen(L, index)
#endif

/* SWIG's code has macros of these names. */
#ifndef SWIGLUA
static inline int lua_absindex(lua_State *L, int index) {
  return index > 0 || index <= LUA_REGISTRYINDEX ? index : lua_gettop(L) + index + 1;
}

static inline void lua_rawgetp(lua_State *L, int index, const void *key) {
  index = lua_absindex(L, index);
  lua_pushlightuserdata(L, (void *)key);
  lua_rawget(L, index);
}

static inline void lua_rawsetp(lua_State *L, int index, const void *key) {
  index = lua_absindex(L, index);
  lua_pushlightuserdata(L, (void *)key);
  lua_insert(L, -2);
  lua_rawset(L, index);
}
#endif

static inline int resume_thread(lua_State *thread, lua_State *from, int count) {
  (void)from;
  return lua_resume(thread, count);
}

/* Pushes a new userdata to which a table can be attached. */
static inline void *new_attachable_userdata(lua_State *L, size_t size) { return lua_newuserdata(L, size); }
/* Pops a table, and attaches it to the userdata at `index`. */
static inline void attach_table(lua_State *L, int index) { lua_setfenv(L, index); }
static inline void get_attached_table(lua_State *L, int index) { lua_getfenv(L, index); }

/* Lua 5.1 has no <close> variables. */
static inline void reset_thread(lua_State *thread) { (void)thread; }

#else

static inline int resume_thread(lua_State *thread, lua_State *from, int count) {
  int results = 0;
  return lua_resume(thread, from, count, &results);
}

static inline void *new_attachable_userdata(lua_State *L, size_t size) { return lua_newuserdatauv(L, size, 1); }
static inline void attach_table(lua_State *L, int index) { lua_setiuservalue(L, index, 1); }
static inline void get_attached_table(lua_State *L, int index) { lua_getiuservalue(L, index, 1); }

/* Runs the <close> variables of a coroutine that is not resumed any more. */
static inline void reset_thread(lua_State *thread) { lua_resetthread(thread); }

#endif

#endif
