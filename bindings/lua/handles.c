#include "handles.h"

#include <string.h>

#include "arguments.h"
#include "interpreter.h"

struct box {
  const struct kind *kind;
  void *object; /* NULL: it was collected */
};

/* ref and unref of all types, with the same signature. */
#define REFERENCE_FUNCTIONS(type)                                      \
  static void *ref_##type(void *object) { return type##_ref(object); } \
  static void unref_##type(void *object) { type##_unref(object); }
REFERENCE_FUNCTIONS(loop)
REFERENCE_FUNCTIONS(loop_options)
REFERENCE_FUNCTIONS(handle)
REFERENCE_FUNCTIONS(future)
REFERENCE_FUNCTIONS(coroutine)
REFERENCE_FUNCTIONS(value)
REFERENCE_FUNCTIONS(exception)
REFERENCE_FUNCTIONS(timeout)
REFERENCE_FUNCTIONS(task_group)
REFERENCE_FUNCTIONS(completion)
REFERENCE_FUNCTIONS(lock)
REFERENCE_FUNCTIONS(event)
REFERENCE_FUNCTIONS(condition)
REFERENCE_FUNCTIONS(semaphore)
REFERENCE_FUNCTIONS(barrier)
REFERENCE_FUNCTIONS(queue)
REFERENCE_FUNCTIONS(context_var)

static const struct kind {
  const char *name;
  void *(*ref)(void *object);
  void (*unref)(void *object);
} kinds[HANDLE_KINDS] = {
    [HANDLE_LOOP] = {"Loop", ref_loop, unref_loop},
    [HANDLE_OPTIONS] = {"LoopOptions", ref_loop_options, unref_loop_options},
    [HANDLE_CALL] = {"Handle", ref_handle, unref_handle},
    [HANDLE_FUTURE] = {"Future", ref_future, unref_future},
    [HANDLE_TASK] = {"Task", ref_future, unref_future},
    [HANDLE_COROUTINE] = {"Coroutine", ref_coroutine, unref_coroutine},
    [HANDLE_VALUE] = {"Value", ref_value, unref_value},
    [HANDLE_ADDRESS] = {"Address", ref_value, unref_value},
    [HANDLE_EXCEPTION] = {"Exception", ref_exception, unref_exception},
    [HANDLE_TIMEOUT] = {"Timeout", ref_timeout, unref_timeout},
    [HANDLE_GROUP] = {"TaskGroup", ref_task_group, unref_task_group},
    [HANDLE_COMPLETION] = {"Completion", ref_completion, unref_completion},
    [HANDLE_LOCK] = {"Lock", ref_lock, unref_lock},
    [HANDLE_EVENT] = {"Event", ref_event, unref_event},
    [HANDLE_CONDITION] = {"Condition", ref_condition, unref_condition},
    [HANDLE_SEMAPHORE] = {"Semaphore", ref_semaphore, unref_semaphore},
    [HANDLE_BARRIER] = {"Barrier", ref_barrier, unref_barrier},
    [HANDLE_QUEUE] = {"Queue", ref_queue, unref_queue},
    [HANDLE_VAR] = {"ContextVar", ref_context_var, unref_context_var},
};

const char *handle_name(enum handle_kind kind) { return kinds[kind].name; }

/* Returns the box in a userdata; NULL if the value is no userdata of this module. Those begin with the address of one
 * of the kinds. Other modules' userdata are only read, and only if they are large enough. */
static struct box *box_of(lua_State *L, int index) {
  if (lua_type(L, index) != LUA_TUSERDATA || lua_rawlen(L, index) < sizeof(struct box)) return NULL;
  struct box *box = lua_touserdata(L, index);
  return box->kind >= kinds && box->kind < kinds + HANDLE_KINDS ? box : NULL;
}

void *handle_test(lua_State *L, int index, enum handle_kind kind) {
  struct box *box = box_of(L, index);
  if (box == NULL) return NULL;
  if (box->kind == &kinds[kind]) return box->object;
  return kind == HANDLE_FUTURE && box->kind == &kinds[HANDLE_TASK] ? box->object : NULL;
}

void *handle_check(lua_State *L, int index, enum handle_kind kind, const char *name) {
  void *object = handle_test(L, index, kind);
  if (object == NULL) {
    const struct box *box = box_of(L, index);
    if (box != NULL && box->object == NULL)
      bad_argument(L, index, name, lua_pushfstring(L, "%s expected, got one that was collected", kinds[kind].name));
    bad_type(L, index, name, kinds[kind].name);
  }
  return object;
}

void *handle_optional(lua_State *L, int index, enum handle_kind kind, const char *name) {
  return lua_isnoneornil(L, index) ? NULL : handle_check(L, index, kind, name);
}

/* type(x): returns the name of the class; nil for all else. */
static int handle_type(lua_State *L) {
  const struct box *box = box_of(L, 1);
  if (box == NULL)
    lua_pushnil(L);
  else
    lua_pushstring(L, box->kind->name);
  return 1;
}

/* ---- pushing handles ---- */

/* Pushes a userdata without an object. The reference is taken last, when nothing can fail any more. */
static struct box *box_new(lua_State *L, const struct interpreter *interpreter, enum handle_kind kind) {
  struct box *box = new_attachable_userdata(L, sizeof *box);
  *box = (struct box){&kinds[kind], NULL};
  lua_rawgeti(L, LUA_REGISTRYINDEX, interpreter->metatables[kind]);
  lua_setmetatable(L, -2);
  return box;
}

/* Pushes the object's userdata and returns 1; pushes nothing and returns 0 if the table at index `objects` has none.
 * While the Lua state is closed, the table may still have a userdata that was collected. */
static int push_existing(lua_State *L, int objects, const void *object) {
  lua_rawgetp(L, objects, object);
  const struct box *known = lua_touserdata(L, -1);
  if (known != NULL && known->object != NULL) return 1;
  lua_pop(L, 1);
  return 0;
}

void handle_push(lua_State *L, enum handle_kind kind, void *object) {
  if (object == NULL) {
    lua_pushnil(L);
    return;
  }
  const struct interpreter *interpreter = interpreter_of(L);
  luaL_checkstack(L, 5, "handles");
  lua_rawgeti(L, LUA_REGISTRYINDEX, interpreter->objects);
  if (!push_existing(L, -1, object)) {
    struct box *box = box_new(L, interpreter, kind);
    if (push_existing(L, -2, object)) { /* a finalizer has just created one */
      lua_remove(L, -2);
    } else {
      lua_pushvalue(L, -1);
      lua_rawsetp(L, -3, object);
      box->object = kinds[kind].ref(object);
    }
  }
  lua_remove(L, -2);
}

void handle_push_existing(lua_State *L, const void *object) {
  luaL_checkstack(L, 2, "handles");
  lua_rawgeti(L, LUA_REGISTRYINDEX, interpreter_of(L)->objects);
  lua_rawgetp(L, -1, object);
  lua_remove(L, -2);
}

struct pushed {
  enum handle_kind kind;
  void *object;
};

static void push_protected(lua_State *L, void *argument) {
  const struct pushed *pushed = argument;
  handle_push(L, pushed->kind, pushed->object);
}

void handle_push_owned_or_undo(lua_State *L, enum handle_kind kind, void *object, void (*undo)(void *object)) {
  struct pushed pushed = {kind, object};
  int status = cpcall(L, push_protected, &pushed);
  if (status != LUA_OK && undo != NULL) undo(object);
  if (object != NULL) kinds[kind].unref(object);
  if (status != LUA_OK) lua_error(L);
}

void handle_push_owned(lua_State *L, enum handle_kind kind, void *object) {
  handle_push_owned_or_undo(L, kind, object, NULL);
}

static enum handle_kind kind_of_future(void *future) {
  return future != NULL && future_as_task(future) != NULL ? HANDLE_TASK : HANDLE_FUTURE;
}

void handle_push_future(lua_State *L, void *future) { handle_push(L, kind_of_future(future), future); }
void handle_push_owned_future(lua_State *L, void *future) { handle_push_owned(L, kind_of_future(future), future); }

/* ---- metatables ---- */

/* Returns whether the Lua state is being closed; only for __gc metamethods. */
static int is_closing(lua_State *L) {
  lua_Debug frame;
#ifdef BOUCLE_LUA_51
  int is_main = lua_pushthread(L);
  lua_pop(L, 1);
  return is_main && !lua_getstack(L, 1, &frame);
#else
  if (!lua_getstack(L, 0, &frame) || !lua_getinfo(L, "n", &frame) || frame.name == NULL) return 0;
  return strcmp(frame.namewhat, "metamethod") == 0 && strcmp(frame.name, "__gc") == 0;
#endif
}

/* Returns whether the user's code called the __gc metamethod: then the handle is in use, perhaps by a C function
 * further down the stack. The collector removes a userdata from the table of objects before it finalizes it; it does
 * not while the Lua state is being closed. */
static int gc_called_by_user(lua_State *L, const struct box *box) {
  if (interpreter_find(L) == NULL) return 0;
  handle_push_existing(L, box->object);
  int known = lua_touserdata(L, -1) == box;
  lua_pop(L, 1);
  return known && !is_closing(L);
}

static int handle_gc(lua_State *L) {
  struct box *box = box_of(L, 1);
  if (box == NULL || box->object == NULL || gc_called_by_user(L, box)) return 0;
  void *object = box->object;
  box->object = NULL;
  struct interpreter *interpreter = interpreter_find(L);
  if (interpreter == NULL || interpreter->L == NULL) {
    box->kind->unref(object);
    return 0;
  }
  /* The exception handler may be called, for a task that was pending: on this thread. */
  lua_State *before = interpreter_enter(interpreter, L);
  box->kind->unref(object);
  interpreter_leave(interpreter, before);
  return 0;
}

void handle_release_all(lua_State *L) {
  for (lua_pushnil(L); lua_next(L, -2) != 0; lua_pop(L, 1)) {
    struct box *box = box_of(L, -1);
    if (box == NULL || box->object == NULL) continue;
    void *object = box->object;
    box->object = NULL;
    box->kind->unref(object);
  }
  lua_pop(L, 1);
}

static int handle_tostring(lua_State *L) {
  const struct box *box = box_of(L, 1);
  if (box == NULL) return luaL_error(L, "not a handle of boucle");
  lua_pushfstring(L, "boucle.%s: %p", box->kind->name, box->object);
  return 1;
}

void handle_register(lua_State *L, enum handle_kind kind) {
  lua_createtable(L, 0, 5);
  lua_insert(L, -2);
  lua_setfield(L, -2, "__index");
  lua_pushcfunction(L, handle_gc);
  lua_setfield(L, -2, "__gc");
  lua_pushcfunction(L, handle_tostring);
  lua_setfield(L, -2, "__tostring");
  lua_pushfstring(L, "boucle.%s", kinds[kind].name);
  lua_setfield(L, -2, "__name");
  lua_pushliteral(L, "boucle");
  lua_setfield(L, -2, "__metatable");
  interpreter_of(L)->metatables[kind] = luaL_ref(L, LUA_REGISTRYINDEX);
}

/* check_class(index, name, class, value): raises an error if the value is not of the class. See arguments.c. */
static int check_class(lua_State *L) {
  const char *class = lua_tostring(L, 3);
  const struct box *box = box_of(L, 4);
  lua_settop(L, 4);
  if (box != NULL && box->object != NULL && strcmp(box->kind->name, class) == 0) return 0;
  const char *got = box != NULL && box->object == NULL ? "one that was collected" : type_name(L, 4);
  const char *message = lua_pushfstring(L, "%s expected, got %s", class, got);
  return bad_argument(L, (int)lua_tointeger(L, 1), lua_tostring(L, 2), message);
}

static int is_awaitable(lua_State *L) {
  lua_pushboolean(L, handle_test(L, 1, HANDLE_FUTURE) != NULL || handle_test(L, 1, HANDLE_COROUTINE) != NULL);
  return 1;
}

void handles_register(lua_State *L) {
  static const luaL_Reg functions[] = {
      {"type", handle_type}, {"check_class", check_class}, {"is_awaitable", is_awaitable}, {NULL, NULL}};
  luaL_setfuncs(L, functions, 0);
}
