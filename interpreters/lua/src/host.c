/* See host.h. An arrival that nobody takes at once is kept, under its id, for who asks later. */
#include "host.h"

#include <stdlib.h>
#include <string.h>

#include "abi.h"
#include "lauxlib.h"
#include "ldo.h"
#include "lmem.h"
#include "values.h"

static const char error_mark[] = "bulkhead.error", ids_mark[] = "bulkhead.ids", box_mark[] = "bulkhead.box";
static uint32_t last_id;
static struct buffer outgoing;
static struct parts outgoing_parts;

struct buffer *host_payload(lua_State *L, int index) {
  /* Nothing allocates in Lua while this is written, so that no finalizer runs and uses it as well. */
  buffer_clear(&outgoing);
  parts_clear(&outgoing_parts);
  if (!buffer_reserve(&outgoing, payload_head)) return NULL;
  outgoing.used = payload_head;
  values_encode(L, index, &outgoing, &outgoing_parts);
  return payload_close(&outgoing, &outgoing_parts) ? &outgoing : NULL;
}

void host_read_payload(lua_State *L, const char *payload, size_t length, struct parts *parts) {
  parts->room = payload_count(payload, length);
  parts->list = lua_newuserdatauv(L, parts->room * sizeof(struct part) + 1, 0);
  if (!payload_read(parts, payload, length) || parts->count == 0) luaL_error(L, "the host sent no payload");
}

static int send_call(lua_State *L) {
  size_t length;
  const char *name = luaL_checklstring(L, 1, &length);
  lua_settop(L, 2);
  struct buffer *payload = host_payload(L, 2);
  if (payload == NULL) luaM_error(L);
  host_send(++last_id, name, length, payload->at, payload->used);
  lua_pushinteger(L, (lua_Integer)last_id);
  return 1;
}

static int start_timer(lua_State *L) {
  lua_Number ms = luaL_checknumber(L, 1);
  host_timer(++last_id, ms >= 2147483647.0 ? 2147483647 : ms > 0 ? (int32_t)ms : 0);
  lua_pushinteger(L, (lua_Integer)last_id);
  return 1;
}

static int stop_timer(lua_State *L) {
  host_stop_timer((uint32_t)luaL_checkinteger(L, 1));
  return 0;
}

/* Bytes outside of Lua's own memory, given back at the latest with the box. */
struct box {
  char *bytes;
};

static void box_free(struct box *box) {
  free(box->bytes);
  box->bytes = NULL;
}

static int box_collect(lua_State *L) {
  box_free(lua_touserdata(L, 1));
  return 0;
}

/* box() -> box: what the next arrival is taken into. */
static int make_box(lua_State *L) {
  struct box *box = lua_newuserdatauv(L, sizeof *box, 0);
  box->bytes = NULL;
  lua_rawgetp(L, LUA_REGISTRYINDEX, box_mark);
  lua_setmetatable(L, -2);
  return 1;
}

static void push_arrival(lua_State *L, int kind, const char *bytes, size_t size) {
  if (kind == arrival_refusal) {
    host_push_error(L, bytes, size);
    return;
  }
  struct parts parts;
  host_read_payload(L, bytes, size, &parts);
  values_decode(L, parts.list[0].at, parts.list[0].length, &parts);
  lua_remove(L, -2);
}

/* next(box) -> id, ok, value: waits for the next arrival; nothing when the call is over, false when nothing will ever arrive.
   Whatever allocates in Lua may run a finalizer, and that may wait for an arrival as well: nothing does from when the caller
   made the box until all of this one is in it. */
static int next_arrival(lua_State *L) {
  struct box *box = lua_touserdata(L, 1);
  if (box == NULL) return luaL_argerror(L, 1, "a box expected");
  int kind = host_next(1);
  if (kind == arrival_none) return 0;
  if (kind == arrival_never) {
    lua_pushboolean(L, 0);
    return 1;
  }
  lua_pushinteger(L, (lua_Integer)host_arrival_id());
  lua_pushboolean(L, kind != arrival_refusal);
  if (kind == arrival_timer) {
    lua_pushboolean(L, 1);
    return 3;
  }
  size_t size = host_arrival_size();
  box->bytes = malloc(size + 1);
  if (box->bytes == NULL) luaM_error(L);
  host_arrival_take(box->bytes);
  push_arrival(L, kind, box->bytes, size);
  box_free(box);
  return 3;
}

static int write_log(lua_State *L) {
  size_t length;
  lua_Integer level = luaL_checkinteger(L, 1);
  const char *text = luaL_checklstring(L, 2, &length);
  host_log((int)level, text, length);
  return 0;
}

static int read_config(lua_State *L) {
  size_t size = host_config();
  char *json = lua_newuserdatauv(L, size + 1, 0);
  host_config_take(json);
  values_decode(L, json, size, NULL);
  return 1;
}

static int decode_json(lua_State *L) {
  size_t length;
  const char *json = luaL_checklstring(L, 1, &length);
  values_decode(L, json, length, NULL);
  return 1;
}

static int encode_json(lua_State *L) {
  luaL_checkany(L, 1);
  buffer_clear(&outgoing);
  values_encode(L, 1, &outgoing, NULL);
  lua_pushlstring(L, outgoing.at, outgoing.used);
  return 1;
}

static const char *field(lua_State *L, int index, const char *name) {
  lua_pushstring(L, name);
  lua_rawget(L, index);
  return lua_type(L, -1) == LUA_TSTRING ? lua_tostring(L, -1) : "";
}

static int error_text(lua_State *L) {
  if (lua_type(L, 1) != LUA_TTABLE) return luaL_argerror(L, 1, "not an error of the host's");
  lua_pushfstring(L, "%s: %s", field(L, 1, "code"), field(L, 1, "message"));
  return 1;
}

void host_push_error(lua_State *L, const char *json, size_t length) {
  values_decode(L, json, length, NULL);
  if (lua_type(L, -1) != LUA_TTABLE) luaL_error(L, "the host sent an error of no known form");
  lua_rawgetp(L, LUA_REGISTRYINDEX, error_mark);
  lua_setmetatable(L, -2);
  /* By identity, so that a table that merely looks like one is not taken for the host's own. */
  lua_rawgetp(L, LUA_REGISTRYINDEX, ids_mark);
  lua_pushvalue(L, -2);
  field(L, lua_gettop(L), "id");
  lua_remove(L, -2);
  if (lua_type(L, -1) == LUA_TSTRING) {
    lua_pushvalue(L, -3);
    lua_insert(L, -2);
    lua_rawset(L, -3);
    lua_pop(L, 1);
  } else {
    lua_pop(L, 2);
  }
}

int host_push_error_id(lua_State *L, int index) {
  index = lua_absindex(L, index);
  lua_rawgetp(L, LUA_REGISTRYINDEX, ids_mark);
  lua_pushvalue(L, index);
  lua_rawget(L, -2);
  lua_remove(L, -2);
  if (lua_type(L, -1) == LUA_TSTRING) return 1;
  lua_pop(L, 1);
  return 0;
}

/* make_error(code, message): an error as the host's are, and none of its own. */
static int make_error(lua_State *L) {
  luaL_checkstring(L, 1);
  luaL_checkstring(L, 2);
  lua_settop(L, 2);
  lua_createtable(L, 0, 2);
  lua_insert(L, 1);
  lua_setfield(L, 1, "message");
  lua_setfield(L, 1, "code");
  lua_rawgetp(L, LUA_REGISTRYINDEX, error_mark);
  lua_setmetatable(L, 1);
  return 1;
}

/* is_error(value): whether it is an error that the host made. */
static int is_error(lua_State *L) {
  luaL_checkany(L, 1);
  lua_pushboolean(L, lua_type(L, 1) == LUA_TTABLE && lua_getmetatable(L, 1) &&
                         lua_rawgetp(L, LUA_REGISTRYINDEX, error_mark) == LUA_TTABLE && lua_rawequal(L, -1, -2));
  return 1;
}

static const luaL_Reg primitives[] = {
    {"send", send_call},       {"timer", start_timer},      {"stop_timer", stop_timer}, {"next", next_arrival},      {"box", make_box},
    {"log", write_log},        {"config", read_config},     {"encode", encode_json},    {"decode", decode_json},
    {"is_error", is_error},    {"make_error", make_error}, {NULL, NULL},
};

void host_open(lua_State *L) {
  luaL_setfuncs(L, primitives, 0);
  values_open(L);

  lua_newtable(L);
  lua_pushboolean(L, 0);
  lua_setfield(L, -2, "__metatable");
  lua_pushliteral(L, "HostError");
  lua_setfield(L, -2, "__name");
  lua_pushcfunction(L, error_text);
  lua_setfield(L, -2, "__tostring");
  lua_rawsetp(L, LUA_REGISTRYINDEX, error_mark);

  lua_newtable(L);
  lua_pushcfunction(L, box_collect);
  lua_setfield(L, -2, "__gc");
  lua_rawsetp(L, LUA_REGISTRYINDEX, box_mark);

  lua_newtable(L);
  lua_newtable(L);
  lua_pushliteral(L, "k");
  lua_setfield(L, -2, "__mode");
  lua_setmetatable(L, -2);
  lua_rawsetp(L, LUA_REGISTRYINDEX, ids_mark);
}
