/* math.random, seeded when it is first used: until then a state is the same wherever it is put, and can be shared. */
#include "abi.h"
#include "lauxlib.h"
#include "libraries.h"

static int is_seeded;
static lua_CFunction lua_random, lua_randomseed;

static void push_seeds(lua_State *L) {
  lua_Integer seeds[2];
  host_random(seeds, sizeof seeds);
  lua_pushinteger(L, seeds[0]);
  lua_pushinteger(L, seeds[1]);
}

/* Lua's own function, on the generator in our first upvalue, which was its. */
static int randomseed(lua_State *L) {
  is_seeded = 1;
  if (lua_gettop(L) == 0) push_seeds(L);
  return lua_randomseed(L);
}

static int seed_now(lua_State *L) {
  push_seeds(L);
  return lua_randomseed(L);
}

static int random(lua_State *L) {
  if (!is_seeded) {
    is_seeded = 1;
    lua_pushvalue(L, lua_upvalueindex(1));
    lua_pushcclosure(L, seed_now, 1);
    lua_call(L, 0, 0);
  }
  return lua_random(L);
}

static lua_CFunction replace(lua_State *L, const char *name, lua_CFunction ours) {
  lua_getfield(L, -1, name);
  lua_CFunction theirs = lua_tocfunction(L, -1);
  lua_getupvalue(L, -1, 1);
  lua_pushcclosure(L, ours, 1);
  lua_setfield(L, -3, name);
  lua_pop(L, 1);
  return theirs;
}

void random_open(lua_State *L) {
  lua_getglobal(L, "math");
  lua_random = replace(L, "random", random);
  lua_randomseed = replace(L, "randomseed", randomseed);
  lua_pop(L, 1);
}
