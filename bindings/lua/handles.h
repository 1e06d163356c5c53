/* The core's objects as Lua userdata. An object has at most one userdata at a time: so handles can be compared with ==
 * and can be keys of tables. */
#ifndef BOUCLE_LUA_HANDLES_H
#define BOUCLE_LUA_HANDLES_H

#include "compat.h"
#include "handle_kind.h"

/* Returns the name of the class, such as "Lock". */
const char *handle_name(enum handle_kind kind);
/* Creates the metatable of the kind; pops the table of its methods. */
void handle_register(lua_State *L, enum handle_kind kind);
/* Pushes the object's userdata, which has its own reference to the object; nil for NULL. May raise a Lua error. */
void handle_push(lua_State *L, enum handle_kind kind, void *object);
/* The same; it also gives up the caller's reference, even if it raises an error. */
void handle_push_owned(lua_State *L, enum handle_kind kind, void *object);
/* The same; it calls undo before it raises an error: what was scheduled must not happen if the call fails. */
void handle_push_owned_or_undo(lua_State *L, enum handle_kind kind, void *object, void (*undo)(void *object));
/* Pushes the object's userdata if there is one, else nil. */
void handle_push_existing(lua_State *L, const void *object);
/* Pops a table, and gives up the references of all userdata in it. */
void handle_release_all(lua_State *L);
/* As HANDLE_TASK if the future is a task, else as HANDLE_FUTURE. */
void handle_push_future(lua_State *L, void *future);
void handle_push_owned_future(lua_State *L, void *future);
/* Returns the object, lent; NULL if the value is something else. */
void *handle_test(lua_State *L, int index, enum handle_kind kind);
/* Returns the object, lent; raises "bad argument" if the value is something else. */
void *handle_check(lua_State *L, int index, enum handle_kind kind, const char *name);
/* The same; returns NULL if the argument is nil or missing. */
void *handle_optional(lua_State *L, int index, enum handle_kind kind, const char *name);

/* Adds the Lua functions of this file to the table at the top of the stack, as each ..._register does. */
void handles_register(lua_State *L);

#endif
