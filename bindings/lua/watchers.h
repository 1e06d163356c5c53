/* Descriptors and signals. */
#ifndef BOUCLE_LUA_WATCHERS_H
#define BOUCLE_LUA_WATCHERS_H

#include "compat.h"

/* A number, or a name such as "SIGINT". */
int check_signal(lua_State *L, int index, const char *name);

void watchers_register(lua_State *L);

#endif
