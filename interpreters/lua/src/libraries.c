/* See libraries.h. */
#include "libraries.h"

#include "abi.h"
#include "lauxlib.h"
#include "lualib.h"

/* Only what tells and what tidies: the pace of the collector is not a plugin's to stop. */
static int collect(lua_State *L) {
  static const char *const options[] = {"collect", "count", "step", NULL};
  static const char *const harmless[] = {"stop", "restart", "incremental", "generational", "setpause", "setstepmul", NULL};
  const char *option = luaL_optstring(L, 1, "collect");
  for (int index = 0; harmless[index] != NULL; index++) {
    if (lua_pushstring(L, harmless[index]), lua_rawequal(L, -1, 1)) {
      lua_pushinteger(L, 0);
      return 1;
    }
  }
  lua_settop(L, 0);
  lua_pushstring(L, option);
  switch (luaL_checkoption(L, 1, "collect", options)) {
    case 0: lua_pushinteger(L, lua_gc(L, LUA_GCCOLLECT)); return 1;
    case 1: lua_pushnumber(L, lua_gc(L, LUA_GCCOUNT) + lua_gc(L, LUA_GCCOUNTB) / 1024.0); return 1;
    default: lua_pushboolean(L, lua_gc(L, LUA_GCSTEP, 0)); return 1;
  }
}

static int log_line(lua_State *L, int level) {
  int count = lua_gettop(L);
  luaL_Buffer line;
  luaL_buffinit(L, &line);
  for (int index = 1; index <= count; index++) {
    if (index > 1) luaL_addchar(&line, '\t');
    luaL_tolstring(L, index, NULL);
    luaL_addvalue(&line);
  }
  luaL_pushresult(&line);
  size_t length;
  const char *text = lua_tolstring(L, -1, &length);
  host_log(level, text, length);
  return 0;
}

static int print(lua_State *L) { return log_line(L, level_info); }

static int warn(lua_State *L) { return log_line(L, level_warn); }

static int traceback(lua_State *L) {
  lua_State *of = lua_isthread(L, 1) ? lua_tothread(L, 1) : L;
  int shift = of == L ? 0 : 1;
  if (lua_type(L, shift + 1) != LUA_TSTRING && !lua_isnoneornil(L, shift + 1)) {
    lua_pushvalue(L, shift + 1);
    return 1;
  }
  luaL_traceback(L, of, luaL_optstring(L, shift + 1, NULL), (int)luaL_optinteger(L, shift + 2, of == L ? 1 : 0));
  return 1;
}

static void keep_only(lua_State *L, const char *library, const char *const names[]) {
  lua_newtable(L);
  for (int index = 0; names[index] != NULL; index++) {
    lua_getfield(L, -2, names[index]);
    lua_setfield(L, -2, names[index]);
  }
  lua_remove(L, -2);
  lua_setglobal(L, library);
}

static void set(lua_State *L, const char *name, lua_CFunction function) {
  if (function == NULL) lua_pushnil(L);
  else lua_pushcfunction(L, function);
  lua_setfield(L, -2, name);
}

void libraries_open(lua_State *L) {
  static const luaL_Reg whole[] = {
      {LUA_GNAME, luaopen_base},         {LUA_COLIBNAME, luaopen_coroutine}, {LUA_TABLIBNAME, luaopen_table},
      {LUA_STRLIBNAME, luaopen_string},  {LUA_UTF8LIBNAME, luaopen_utf8},    {LUA_MATHLIBNAME, luaopen_math},
      {NULL, NULL},
  };
  static const char *const of_os[] = {"clock", "date", "difftime", "time", NULL};
  for (const luaL_Reg *library = whole; library->name != NULL; library++) {
    luaL_requiref(L, library->name, library->func, 1);
    lua_pop(L, 1);
  }
  luaopen_os(L);
  keep_only(L, LUA_OSLIBNAME, of_os);

  lua_newtable(L);
  set(L, "traceback", traceback);
  lua_setglobal(L, LUA_DBLIBNAME);

  lua_pushglobaltable(L);
  set(L, "collectgarbage", collect);
  set(L, "dofile", NULL);
  set(L, "loadfile", NULL);
  set(L, "print", print);
  set(L, "warn", warn);
  lua_pop(L, 1);

  lua_getglobal(L, LUA_STRLIBNAME);
  set(L, "dump", NULL);
  lua_pop(L, 1);
  /* All strings share it. */
  lua_pushliteral(L, "");
  lua_getmetatable(L, -1);
  lua_pushboolean(L, 0);
  lua_setfield(L, -2, "__metatable");
  lua_pop(L, 2);
  random_open(L);
}
