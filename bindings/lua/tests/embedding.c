/* A program in C that embeds Lua: two Lua states on one loop. C awaits a Lua task, Lua awaits a future of C; a state is
 * closed with tasks pending; values are destroyed on another thread; each allocation of Lua fails once.
 *
 * Prints TAP. LUA_CPATH must have the module. */
#include <boucle/boucle_lua.h>
#include <lauxlib.h>
#include <limits.h>
#include <lualib.h>
#include <pthread.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

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

/* Returns a task that runs the Lua code; `...` is the future. */
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

static void quiet(loop_t *loop, const report_t *report, void *userdata) { (void)loop, (void)report, (void)userdata; }

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

/* Returns how many Lua values the core holds. */
static int held(lua_State *L) {
  if (luaL_dostring(L, "collectgarbage() collectgarbage() return select(2, boucle.live_objects())") != 0) return -1;
  int count = (int)lua_tointeger(L, -1);
  lua_pop(L, 1);
  return count;
}

/* Lua releases each table, though the values are destroyed on another thread while Lua runs. */
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

/* There is no Lua table any more when its value is destroyed. */
static int value_ends_after_its_state(void) {
  size_t before = loop_live_objects();
  lua_State *L = open_state();
  value_t *values[MANY];
  take_tables(L, values);
  lua_close(L);
  drop(values);
  return loop_live_objects() == before;
}

/* ---- without memory ---- */

static struct {
  lua_Alloc fn;
  void *data;
  int left; /* how many more allocations succeed */
} memory;

static void *allocate(void *data, void *block, size_t before, size_t size) {
  (void)data;
  int grows = size > 0 && (block == NULL || size > before);
  if (grows && memory.left-- <= 0) return NULL;
  return memory.fn(memory.data, block, before, size);
}

/* Creates objects of all kinds, and raises several kinds of errors. */
static const char makes_objects[] =
    "local loop = boucle.new_loop {clock = 'virtual'} "
    "loop:set_exception_handler(function() end) "
    "loop:call_soon(function() end, 'argument') "
    "local future, failed = loop:create_future(), loop:create_future() "
    "future:set_result {} failed:set_exception('problem') failed:exception() failed:details() "
    "local text = loop:create_future() text:set_result('text') text:result() "
    "loop:queue(1) pcall(loop.queue, loop, 'size') "
    "boucle.exception_group('message', {'first', {}, boucle.exception('KeyError', 'third', 'cause')}) "
    "for _ = 1, 3 do loop:create_task(function() boucle.sleep(1) end) end "
    "loop:all_tasks() "
    "loop:run_until_complete(function() return 'r' .. boucle.await(text) end) "
    "loop:run_until_complete(future) "
    "pcall(loop.run_until_complete, loop, failed) pcall(loop.run_until_complete, loop, function() error({}) end) "
    "loop:close()";

/* Fails at the first allocation, then at the second, and so on; each time only Lua's garbage is left. */
static int want_of_memory_leaves_nothing(lua_State *L) {
  int status = LUA_ERRMEM, leaks = 0;
  int before = held(L);
  size_t objects = loop_live_objects();
  luaL_loadstring(L, makes_objects);
  memory.fn = lua_getallocf(L, &memory.data);
  lua_setallocf(L, allocate, NULL);
  for (int count = 0; status != LUA_OK && count < 10000; count++) {
    lua_pushvalue(L, -1);
    memory.left = count;
    status = lua_pcall(L, 0, 0, 0);
    memory.left = INT_MAX;
    if (status != LUA_OK) lua_pop(L, 1);
    if (held(L) != before || loop_live_objects() != objects) {
      printf("# after %d allocations: %d and %d are left\n", count, held(L) - before,
             (int)(loop_live_objects() - objects));
      before = held(L), objects = loop_live_objects(), leaks++;
    }
  }
  lua_setallocf(L, memory.fn, memory.data);
  lua_pop(L, 1);
  return leaks == 0 && status == LUA_OK;
}

/* fail_after(n): the next n allocations succeed, and none after them. fail_after(): all succeed. */
static int fail_after(lua_State *L) {
  memory.left = (int)luaL_optinteger(L, 1, INT_MAX);
  return 0;
}

/* Each of the calls gets a function. It fails at the first allocation, then at the second, and so on; the function of a
 * call that failed is never called.
 * Without LuaJIT's compiler, which jumps into memory that is not executable once it had no memory. */
static const char fails_at_each_allocation[] =
    "local fail_after, fd = ... "
    "if jit then jit.off() end "
    "local boucle, assert, pcall = boucle, assert, pcall "
    "local calls = { "
    "  call_soon = function(loop, fn) return loop:call_soon(fn, 'argument') end, "
    "  call_later = function(loop, fn) return loop:call_later(0, fn, 'argument') end, "
    "  call_at = function(loop, fn) return loop:call_at(0, fn, 'argument') end, "
    "  create_task = function(loop, fn) return loop:create_task(fn, 'argument') end, "
    "  ensure_future = function(loop, fn) return loop:ensure_future(fn, 'argument') end, "
    "  spawn = function(loop, fn) return loop:spawn(fn, 'argument') end, "
    "  group = function(_, fn, group) return group:create_task(fn, 'argument') end, "
    "  gather = function(loop, fn) return loop:gather(fn, function() fn() end) end, "
    "  as_completed = function(loop, fn) return loop:as_completed {fn, function() fn() end} end, "
    "  shield = function(loop, fn) return loop:shield(fn, 'argument') end, "
    "  add_writer = function(loop, fn) return loop:add_writer(fd, fn) end, "
    "} "
    "local function attempt(name, allocations) "
    "  local called, ok, loop = false, nil, boucle.new_loop {clock = 'virtual'} "
    "  local function fn() called = true loop:remove_writer(fd) end "
    "  loop:run_until_complete(function() "
    "    boucle.task_group(function(group) "
    "      fail_after(allocations) "
    "      ok = pcall(calls[name], loop, fn, group) "
    "      fail_after() "
    "      boucle.sleep(1) "
    "    end) "
    "  end) "
    "  assert(called == ok, name .. ' fails at allocation ' .. allocations .. ', and calls its function') "
    "  assert(not loop:remove_writer(fd)) "
    "  loop:close() "
    "  return ok "
    "end "
    "for name in pairs(calls) do "
    "  local allocations = 0 "
    "  while not attempt(name, allocations) do allocations = allocations + 1 end "
    "end";

static int failing_call_changes_nothing(lua_State *L) {
  int ends[2];
  if (pipe(ends) != 0) return 0;
  luaL_loadstring(L, fails_at_each_allocation);
  lua_pushcfunction(L, fail_after);
  lua_pushinteger(L, ends[1]);
  memory.left = INT_MAX;
  memory.fn = lua_getallocf(L, &memory.data);
  lua_setallocf(L, allocate, NULL);
  int status = lua_pcall(L, 2, 0, 0);
  lua_setallocf(L, memory.fn, memory.data);
  if (status != LUA_OK) {
    printf("# %s\n", lua_tostring(L, -1));
    lua_pop(L, 1);
  }
  close(ends[0]);
  close(ends[1]);
  return status == LUA_OK;
}

/* ---- tasks of two states ---- */

static void check_awaits(lua_State *A, lua_State *B, loop_t *loop, future_t *future) {
  future_t *task = start(A, loop, "return boucle.await(...) .. ', by Lua'", future);
  loop_call_soon(loop, set_result, future, NULL, NULL);
  check(result_is(loop, task, "from C, by Lua"), "c_awaits_lua_that_awaits_c");
  future_unref(task);

  task = start(A, loop, "boucle.sleep(0.001) return 'A'", future);
  future_t *other = start(B, loop, "return boucle.await(...) .. 'B'", task);
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
}

/* Closes both states. */
static void check_closing(lua_State *A, lua_State *B, loop_t *loop) {
  future_t *never = NULL;
  loop_create_future(loop, &never);
  future_t *task = start(A, loop, "boucle.await(...)", never);
  future_t *other = start(B, loop, "return pcall(boucle.await, ...) and 'done' or 'failed'", task);
  loop_run_once(loop, 0);
  lua_close(A);
  set_result(loop, never);
  check(result_is(loop, other, "failed"), "task_of_a_closed_state_fails");
  future_unref(task);
  lua_close(B);
  future_unref(other), future_unref(never);
}

int main(void) {
  lua_State *A = open_state(), *B = open_state();
  loop_t *loop = NULL;
  future_t *future = NULL;
  loop_new(NULL, &loop);
  loop_set_exception_handler(loop, quiet, NULL, NULL);
  loop_create_future(loop, &future);
  check_awaits(A, B, loop, future);
  check(values_end_elsewhere(A), "values_end_on_another_thread");
  check(value_ends_after_its_state(), "values_end_after_their_state");
  check(want_of_memory_leaves_nothing(B), "want_of_memory_leaves_nothing");
  check(failing_call_changes_nothing(B), "failing_call_changes_nothing");
  check_closing(A, B, loop);
  future_unref(future);
  loop_unref(loop);
  check(loop_live_objects() == 0, "nothing_is_left");
  printf("1..%d\n", count);
  return failures != 0;
}
