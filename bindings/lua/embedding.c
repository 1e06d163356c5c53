#include "embedding.h"

#include <boucle/boucle_lua.h>

#include "errors.h"
#include "handles.h"
#include "tasks.h"
#include "values.h"

static void push_loop(lua_State *L, loop_t *loop) { handle_push(L, HANDLE_LOOP, loop); }
static loop_t *to_loop(lua_State *L, int index) { return handle_test(L, index, HANDLE_LOOP); }
static void push_future(lua_State *L, future_t *future) { handle_push_future(L, future); }
static future_t *to_future(lua_State *L, int index) { return handle_test(L, index, HANDLE_FUTURE); }
static void push_coroutine(lua_State *L, coroutine_t *coroutine) { handle_push(L, HANDLE_COROUTINE, coroutine); }
static exception_t *to_exception(lua_State *L, int index) { return exception_from_lua(L, index, NULL); }

static future_t *ensure_future(lua_State *L, loop_t *loop, int index) {
  return task_spawn(L, loop, NULL, lua_absindex(L, index), "ensure_future");
}

static const boucle_lua_t functions = {
    sizeof functions, push_loop,      to_loop,    push_future,  to_future,     push_coroutine,
    value_push,       value_from_lua, error_push, to_exception, ensure_future,
};

void embedding_register(lua_State *L) {
  lua_pushlightuserdata(L, (void *)&functions);
  lua_setfield(L, LUA_REGISTRYINDEX, "boucle.lua");
}
