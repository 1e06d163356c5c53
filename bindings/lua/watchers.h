/* Descriptors and signals. */
#ifndef BOUCLE_LUA_WATCHERS_H
#define BOUCLE_LUA_WATCHERS_H

#include "compat.h"

/* Returns the number of a signal, which is given as a number or as a name such as "SIGINT". */
int check_signal(lua_State *L, int index, const char *name);

void watchers_register(lua_State *L);

#endif
