/* The functions that Go calls. The futures that they return are new references; NULL means that it failed. */
#ifndef THREE_H
#define THREE_H

#include <boucle/boucle.h>
#include <lua.h>

/* kettle.c: water that boils after a while; and a task that awaits any future. */
future_t *kettle_boil(loop_t *loop, const char *what);
future_t *reader_start(loop_t *loop, future_t *review);

/* lua.c: a Lua state that has run the program; and a task that calls one of its functions. */
lua_State *guest_new(const char *program);
future_t *guest_start(lua_State *L, loop_t *loop, const char *function, const char *argument);

#endif
