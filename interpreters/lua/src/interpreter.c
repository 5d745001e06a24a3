/* The interpreter as the host sees it: made once, loaded with a plugin, then called. Everything that a plugin runs in here
   runs in a protected call; what it raises becomes a description, what ends it from outside is nobody's to catch. */
#include <stdlib.h>
#include <string.h>

#include "abi.h"
#include "failure.h"
#include "host.h"
#include "lauxlib.h"
#include "ldo.h"
#include "libraries.h"
#include "lmem.h"
#include "numbers.h"
#include "prelude.h"
#include "values.h"

/* Room that a call may use before the memory has to grow: a copy that grew is not used again. */
enum { spare_bytes = 512 * 1024 };

static const char actions_mark[] = "bulkhead.actions", load_mark[] = "bulkhead.load", begin_mark[] = "bulkhead.begin",
                  array_mark[] = "bulkhead.array";
static lua_State *state;
static struct buffer said;

struct argument {
  const char *payload;
  size_t length;
};

/* Near the limit, Lua collects all garbage for every allocation that fails, and tries it once more. Where that brings next to
   nothing, it would go on so for minutes: the plugin is out of memory then, and gets no more until it has given some back. A large
   block that is refused says nothing of small ones; but Lua goes on without some, and asks again with each string that it makes. */
enum { little_bytes = 512 * 1024, most_failures_of_small = 2, most_failures_of_large = 16 };
static size_t in_use, taken_since_failure, in_use_when_starved;
static int failures, is_starved;

static void *take_memory(void *data, void *at, size_t before, size_t size) {
  (void)data;
  size_t had = at == NULL ? 0 : before;
  if (size == 0) {
    free(at);
    in_use -= had;
    return NULL;
  }
  size_t more = size > had ? size - had : 0;
  if (more > 0 && is_starved) {
    if (in_use + little_bytes > in_use_when_starved) return NULL;
    is_starved = failures = 0;
  }
  void *taken = realloc(at, size);
  if (taken != NULL) {
    in_use += size - had;
    taken_since_failure += more;
    return taken;
  }
  failures = taken_since_failure < little_bytes ? failures + 1 : 1;
  taken_since_failure = 0;
  is_starved = failures >= (more < little_bytes ? most_failures_of_small : most_failures_of_large);
  in_use_when_starved = in_use;
  return NULL;
}

static int give_up(lua_State *L) {
  size_t length;
  const char *text = luaL_tolstring(L, -1, &length);
  host_abort(text, length);
}

OFFER(allocate) void *allocate(size_t size) { return malloc(size); }
OFFER(release) int release(void *at) {
  free(at);
  return 0;
}

/* compile(name, source) -> function. Raises what the compiler says. */
static int compile(lua_State *L) {
  size_t length;
  const char *source = luaL_checklstring(L, 2, &length);
  lua_pushfstring(L, "@%s", luaL_checkstring(L, 1));
  if (luaL_loadbufferx(L, source, length, lua_tostring(L, -1), "t") == LUA_OK) return 1;
  failure_note_syntax(L);
  return lua_error(L);
}

/* library(name) -> function: a module of ours, or nil. Compiled when it is needed: states that do not use it are smaller. */
static int library(lua_State *L) {
  const char *name = luaL_checkstring(L, 1);
  for (const struct prelude_file *file = prelude_library; file->name != NULL; file++) {
    if (strcmp(file->name + 1, name) != 0) continue;
    if (luaL_loadbufferx(L, file->text, file->length, file->name, "t") != LUA_OK) lua_error(L);
    return 1;
  }
  return 0;
}

/* line(function) -> number: where it is defined; 0 where that is in no source. */
static int line_of(lua_State *L) {
  lua_Debug facts;
  lua_settop(L, 1);
  lua_getinfo(L, ">S", &facts);
  lua_pushinteger(L, facts.linedefined > 0 ? facts.linedefined : 0);
  return 1;
}

static int called(lua_State *L, int status, lua_KContext context) {
  (void)status, (void)context;
  return lua_gettop(L);
}

static int enter_callable(lua_State *L) {
  lua_pushvalue(L, lua_upvalueindex(1));
  lua_insert(L, 1);
  lua_callk(L, lua_gettop(L) - 1, LUA_MULTRET, 0, called);
  return lua_gettop(L);
}

/* callable(function) -> function: the same in C, which a tail call does not put in the place of its caller. So the stack still
   tells where in the plugin a host call stands that fails. */
static int make_callable(lua_State *L) {
  lua_settop(L, 1);
  lua_pushcclosure(L, enter_callable, 1);
  return 1;
}

/* seal(table): something that has its members and cannot be changed. */
static int seal(lua_State *L) {
  luaL_checktype(L, 1, LUA_TTABLE);
  lua_newuserdatauv(L, 0, 0);
  lua_newtable(L);
  lua_pushvalue(L, 1);
  lua_setfield(L, -2, "__index");
  lua_pushboolean(L, 0);
  lua_setfield(L, -2, "__metatable");
  lua_pushvalue(L, 2);
  lua_setfield(L, -2, "__pairs");
  lua_pushliteral(L, "host");
  lua_setfield(L, -2, "__name");
  lua_setmetatable(L, -2);
  return 1;
}

static void keep(lua_State *L, const char *name, const char *mark) {
  lua_getfield(L, -1, name);
  if (lua_isnil(L, -1)) luaL_error(L, "the prelude has no %s", name);
  lua_rawsetp(L, LUA_REGISTRYINDEX, mark);
}

static int make(lua_State *L) {
  static const luaL_Reg own[] = {{"compile", compile}, {"library", library}, {"line", line_of}, {"seal", seal}, {"callable", make_callable}, {NULL, NULL}};
  libraries_open(L);
  lua_newtable(L);
  host_open(L);
  failure_open(L);
  luaL_setfuncs(L, own, 0);
  int native = lua_gettop(L);
  for (const struct prelude_file *file = prelude_files; file->name != NULL; file++) {
    if (luaL_loadbufferx(L, file->text, file->length, file->name, "t") != LUA_OK) lua_error(L);
    lua_pushvalue(L, native);
    lua_call(L, 1, 0);
  }
  lua_settop(L, native);
  keep(L, "load", load_mark);
  keep(L, "begin", begin_mark);
  keep(L, "array", array_mark);
  return 0;
}

OFFER(boot) int boot(void) {
  lua_State *L = lua_newstate(take_memory, NULL);
  if (L == NULL) host_abort("not enough memory", 17);
  lua_atpanic(L, give_up);
  lua_gc(L, LUA_GCSTOP);
  lua_pushcfunction(L, make);
  lua_call(L, 0, 0);
  lua_gc(L, LUA_GCRESTART);
  lua_gc(L, LUA_GCCOLLECT);
  state = L;
  /* For what is said of failures. */
  buffer_reserve(&said, 4096);
  return 0;
}

static int finish_value(lua_State *L, int index) {
  struct buffer *payload = host_payload(L, index);
  if (payload == NULL) luaM_error(L);
  host_finish(outcome_result, payload->at, payload->used);
  return 0;
}

/* The argument of an entered function, with its payload read. */
static struct parts read_argument(lua_State *L) {
  const struct argument *argument = lua_touserdata(L, 1);
  struct parts parts;
  host_read_payload(L, argument->payload, argument->length, &parts);
  values_decode(L, parts.list[0].at, parts.list[0].length, NULL);
  return parts;
}

static int run_load(lua_State *L) {
  struct parts parts = read_argument(L);
  lua_rawgetp(L, LUA_REGISTRYINDEX, load_mark);
  lua_insert(L, -2);
  lua_newtable(L);
  for (size_t index = 1; index + 1 < parts.count; index += 2) {
    lua_pushlstring(L, parts.list[index].at, parts.list[index].length);
    lua_pushlstring(L, parts.list[index + 1].at, parts.list[index + 1].length);
    lua_rawset(L, -3);
  }
  lua_call(L, 2, 2);
  lua_pushvalue(L, -2);
  lua_rawsetp(L, LUA_REGISTRYINDEX, actions_mark);
  return finish_value(L, -1);
}

static void push_arguments(lua_State *L, int input, int parameters) {
  if (lua_type(L, parameters) != LUA_TTABLE) {
    if (values_is_null(L, input)) lua_pushnil(L);
    else lua_pushvalue(L, input);
    return;
  }
  int count = (int)lua_rawlen(L, parameters);
  luaL_checkstack(L, count + 4, "too many parameters");
  for (int index = 1; index <= count; index++) {
    if (lua_type(L, input) != LUA_TTABLE) {
      lua_pushnil(L);
      continue;
    }
    lua_rawgeti(L, parameters, index);
    lua_rawget(L, input);
    if (!values_is_null(L, -1)) continue;
    lua_pop(L, 1);
    lua_pushnil(L);
  }
}

static int run_invoke(lua_State *L) {
  const struct argument *argument = lua_touserdata(L, 1);
  struct parts parts;
  host_read_payload(L, argument->payload, argument->length, &parts);
  values_decode(L, parts.list[0].at, parts.list[0].length, &parts);
  int request = lua_gettop(L);
  lua_rawgetp(L, LUA_REGISTRYINDEX, actions_mark);
  lua_getfield(L, request, "action");
  if (lua_type(L, -2) != LUA_TTABLE || lua_rawget(L, -2) != LUA_TFUNCTION) {
    host_finish(outcome_unknown, NULL, 0);
    return 0;
  }
  int action = lua_gettop(L);
  lua_getfield(L, request, "action");
  failure_note_entry(lua_tostring(L, -1));
  lua_pop(L, 1);
  lua_getfield(L, request, "input");
  lua_getfield(L, request, "parameters");
  lua_rawgetp(L, LUA_REGISTRYINDEX, begin_mark);
  lua_call(L, 0, 0);
  lua_pushvalue(L, action);
  push_arguments(L, action + 1, action + 2);
  lua_call(L, lua_gettop(L) - action - 3, 1);
  return finish_value(L, -1);
}

static int run_check(lua_State *L) {
  struct parts parts = read_argument(L);
  lua_newtable(L);
  lua_pushvalue(L, -1);
  lua_setfield(L, -3, "diagnostics");
  int diagnostics = lua_gettop(L);
  lua_Integer count = 0;
  lua_rawgetp(L, LUA_REGISTRYINDEX, array_mark);
  lua_pushvalue(L, diagnostics);
  lua_call(L, 1, 0);
  for (size_t index = 1; index + 1 < parts.count; index += 2) {
    lua_pushliteral(L, "@");
    lua_pushlstring(L, parts.list[index].at, parts.list[index].length);
    lua_concat(L, 2);
    const struct part *source = &parts.list[index + 1];
    if (luaL_loadbufferx(L, source->at, source->length, lua_tostring(L, -1), "t") != LUA_OK) {
      failure_push_diagnostic(L);
      lua_rawseti(L, diagnostics, ++count);
    }
    lua_settop(L, diagnostics);
  }
  lua_pop(L, 1);
  lua_pushnil(L);
  lua_setfield(L, -2, "table");
  return finish_value(L, -1);
}

/* Enters a function with a payload; a failure is told to the host. */
static int enter(lua_CFunction function, const char *payload, size_t length) {
  lua_State *L = state;
  struct argument argument = {payload, length};
  lua_settop(L, 0);
  lua_pushcfunction(L, failure_handler);
  lua_pushcfunction(L, function);
  lua_pushlightuserdata(L, &argument);
  int status = lua_pcall(L, 1, 0, 1);
  if (status == LUA_ERRMEM) {
    /* There may be no room for more. */
    static const char spent[] = "{\"name\":\"LuaError\",\"kind\":\"memory\",\"message\":\"not enough memory\"}";
    host_finish(outcome_failure, spent, sizeof spent - 1);
  } else if (status != LUA_OK) {
    failure_describe(L, status, &said);
    host_finish(outcome_failure, said.at, said.used);
    buffer_clear(&said);
  }
  lua_settop(L, 0);
  return 0;
}

OFFER(load) int load(const char *payload, size_t length) {
  enter(run_load, payload, length);
  lua_gc(state, LUA_GCCOLLECT);
  free(malloc(spare_bytes));
  return 0;
}

OFFER(check) int check(const char *payload, size_t length) { return enter(run_check, payload, length); }

OFFER(invoke) int invoke(const char *payload, size_t length) { return enter(run_invoke, payload, length); }
