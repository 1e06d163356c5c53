/* The core's objects as Lua userdata. One object has one userdata for as long as that lives: handles compare with ==,
 * and are keys of tables. */
#ifndef BOUCLE_LUA_HANDLES_H
#define BOUCLE_LUA_HANDLES_H

#include "compat.h"
#include "handle_kind.h"

/* "Lock", the name of the class. */
const char *handle_name(enum handle_kind kind);
/* Makes the kind's metatable; pops the table of its methods. */
void handle_register(lua_State *L, enum handle_kind kind);
/* Pushes the object's userdata, which has a reference of its own; nil for NULL. May raise a Lua error. */
void handle_push(lua_State *L, enum handle_kind kind, void *object);
/* The same for a reference that the caller owns: it is given up. */
void handle_push_owned(lua_State *L, enum handle_kind kind, void *object);
/* The same; before it raises an error, it calls undo: what was scheduled with the object must not happen after all. */
void handle_push_owned_or_undo(lua_State *L, enum handle_kind kind, void *object, void (*undo)(void *object));
/* Pushes the object's userdata if it has one; else nil. */
void handle_push_existing(lua_State *L, const void *object);
/* Gives up the references of all userdata in the table at the top of the stack, which it pops. */
void handle_release_all(lua_State *L);
/* A future or, if it is one, a task. */
void handle_push_future(lua_State *L, void *future);
void handle_push_owned_future(lua_State *L, void *future);
/* The object, lent; NULL if the value is something else. */
void *handle_test(lua_State *L, int index, enum handle_kind kind);
/* The object, lent; raises "bad argument". `name` is that of the function. */
void *handle_check(lua_State *L, int index, enum handle_kind kind, const char *name);
/* The same; NULL for nil, or for nothing. */
void *handle_optional(lua_State *L, int index, enum handle_kind kind, const char *name);

/* Adds the functions of this file to the table at the top of the stack: so does each ..._register. */
void handles_register(lua_State *L);

#endif
