/* A host in C: two Lua states on one loop; C awaits a Lua task, Lua a future of C's; a state closes with tasks pending; values end on another
 * thread than Lua's.
 * Prints TAP. Run with the module on LUA_CPATH. */
#include <boucle/boucle_lua.h>
#include <lauxlib.h>
#include <lualib.h>
#include <pthread.h>
#include <stdio.h>
#include <string.h>


static int count, failures;

static void check(int good, const char *name) {
  printf("%sok %d - %s\n", good ? "" : "not ", ++count, name);
  failures += !good;
}

static lua_State *open_state(void) {
  lua_State *L = luaL_newstate();
  luaL_openlibs(L);
  if (luaL_dostring(L, "boucle = require 'boucle'") != 0) fprintf(stderr, "%s\n", lua_tostring(L, -1));
  return L;
}

/* A task that runs the Lua code with `...` being the future. */
static future_t *start(lua_State *L, loop_t *loop, const char *code, future_t *future) {
  const boucle_lua_t *lua = boucle_lua_get(L);
  if (luaL_loadstring(L, code) != 0) return NULL;
  lua->push_future(L, future);
  return lua->ensure_future(L, loop, lua_gettop(L) - 1);
}

static int result_is(loop_t *loop, future_t *future, const char *expected) {
  value_t *value = NULL;
  const char *text = "";
  int status = loop_run_until_complete(loop, future, &value);
  value_get_text(value, &text, NULL);
  int same = status == 0 && strcmp(text, expected) == 0;
  value_unref(value);
  return same;
}

static void set_result(loop_t *loop, void *future) {
  value_t *value = NULL;
  (void)loop;
  value_new_text("from C", &value);
  future_set_result(future, value);
  value_unref(value);
}

static void quiet(loop_t *loop, const report_t *report, void *userdata) {
  (void)loop, (void)report, (void)userdata;
}

enum { MANY = 2000 };

static void take_tables(lua_State *L, value_t **values) {
  for (int i = 0; i < MANY; i++) {
    lua_createtable(L, 0, 0);
    values[i] = boucle_lua_get(L)->to_value(L, -1);
    lua_pop(L, 1);
  }
}

static void *drop(void *values) {
  for (int i = 0; i < MANY; i++) value_unref(((value_t **)values)[i]);
  return NULL;
}

/* How much of Lua's the core holds, in all states. */
static int held(lua_State *L) {
  if (luaL_dostring(L, "collectgarbage() collectgarbage() return select(2, boucle.live_objects())") != 0) return -1;
  int count = (int)lua_tointeger(L, -1);
  lua_pop(L, 1);
  return count;
}

/* Each table is let go of by Lua, though Lua is at work while its value ends elsewhere. */
static int values_end_elsewhere(lua_State *L) {
  value_t *first[MANY], *second[MANY];
  pthread_t thread;
  int before = held(L);
  take_tables(L, first);
  pthread_create(&thread, NULL, drop, first);
  take_tables(L, second);
  pthread_join(thread, NULL);
  drop(second);
  return held(L) == before;
}

/* The table is Lua's no more. */
static int value_ends_after_its_state(void) {
  size_t before = loop_live_objects();
  lua_State *L = open_state();
  value_t *values[MANY];
  take_tables(L, values);
  lua_close(L);
  drop(values);
  return loop_live_objects() == before;
}

int main(void) {
  lua_State *A = open_state(), *B = open_state();
  loop_t *loop = NULL;
  future_t *future = NULL, *never = NULL, *task = NULL, *other = NULL;
  loop_new(NULL, &loop);
  loop_set_exception_handler(loop, quiet, NULL, NULL);
  loop_create_future(loop, &future);
  loop_create_future(loop, &never);

  task = start(A, loop, "return boucle.await(...) .. ', by Lua'", future);
  loop_call_soon(loop, set_result, future, NULL, NULL);
  check(result_is(loop, task, "from C, by Lua"), "c_awaits_lua_that_awaits_c");
  future_unref(task);

  task = start(A, loop, "boucle.sleep(0.001) return 'A'", future);
  other = start(B, loop, "return boucle.await(...) .. 'B'", task);
  check(result_is(loop, other, "AB"), "state_awaits_task_of_another_state");
  future_unref(task), future_unref(other);

  task = start(A, loop, "error({})", future);
  other = start(B, loop, "local ok, e = pcall(boucle.await, ...) return boucle.type(e) .. ' ' .. e.kind", task);
  check(result_is(loop, other, "Exception LuaError"), "error_of_another_state_is_an_exception");
  future_unref(task), future_unref(other);

  task = start(A, loop, "return function() end", future);
  other = start(B, loop, "return boucle.type(boucle.await(...))", task);
  check(result_is(loop, other, "Value"), "function_of_another_state_is_opaque");
  future_unref(task), future_unref(other);

  check(values_end_elsewhere(A), "values_end_on_another_thread");
  check(value_ends_after_its_state(), "values_end_after_their_state");

  task = start(A, loop, "boucle.await(...)", never);
  other = start(B, loop, "return pcall(boucle.await, ...) and 'done' or 'failed'", task);
  loop_run_once(loop, 0);
  lua_close(A);
  set_result(loop, never);
  check(result_is(loop, other, "failed"), "task_of_a_closed_state_fails");
  future_unref(task);
  lua_close(B);
  future_unref(other), future_unref(never), future_unref(future);
  loop_unref(loop);
  check(loop_live_objects() == 0, "nothing_is_left");
  printf("1..%d\n", count);
  return failures != 0;
}
