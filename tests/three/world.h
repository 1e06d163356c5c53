/* C's part of the world in which the tests happen, and the way from Go to Lua. Futures that are returned are new
 * references; NULL: there is none. */
#ifndef THREE_WORLD_H
#define THREE_WORLD_H

#include <boucle/boucle.h>
#include <lua.h>

/* The journal: who saw what, in the order of the seeing, a line each. */
void note(const char *who, const char *what);
/* What was noted since the last call, lent until the next note. */
const char *take_notes(void);

/* c.c: a future that is done after `delay` seconds: with the value, or, if there is a kind, with an exception. When it
 * is cancelled the timer is too, and the journal says so. */
future_t *c_later(loop_t *loop, double delay, const char *kind, value_t *value);
/* A callback task that awaits the future, notes what becomes of it, and ends as that does. */
future_t *c_await(loop_t *loop, future_t *future);
/* A done-callback that notes the same. */
int c_watch(future_t *future);
/* Cancels the future from a timer. */
int c_cancel_later(loop_t *loop, double delay, future_t *future);

/* lua.c: a Lua state that has `boucle`, `loop`, and the functions of C and Go; or NULL, and a message. */
lua_State *lua_open(loop_t *loop);
/* A task that runs the code, with `...` being the future, if there is one, and the value. */
future_t *lua_start(lua_State *L, loop_t *loop, const char *code, future_t *future, value_t *value);
/* Runs the code, outside of any task; its result, a new reference. 0, or -1 with a note of the error. */
int lua_run(lua_State *L, const char *code, value_t **ret_value);

#endif
