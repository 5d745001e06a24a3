/* The parts of Lua's standard library that a plugin gets, as far as they differ from Lua's own. */
#ifndef interpreter_libraries_h
#define interpreter_libraries_h

#include "lua.h"

/* Opens base, coroutine, table, string, utf8 and math, and of os, debug and package what is harmless. */
void libraries_open(lua_State *L);

/* random.c: math.random and math.randomseed, seeded with the host's entropy at the first use. */
void random_open(lua_State *L);

#endif
