/* See values.h. Raw accesses only: no metamethod of a plugin's runs in here, so that nothing changes under it. Depth is
   bounded, for it recurses. */
#include "values.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "lauxlib.h"
#include "ldo.h"
#include "lgc.h"
#include "lmem.h"
#include "lstate.h"
#include "numbers.h"

/* What the host takes is 256 levels deep; every level takes some of the stack here. */
static const int most_depth = 200;
static const char list_mark[] = "bulkhead.list", bytes_mark[] = "bulkhead.bytes";

struct encoder {
  lua_State *L;
  struct buffer *into;
  struct parts *parts;
};

static _Noreturn void no_memory(lua_State *L) { luaM_error(L); }

static char *reserve(struct encoder *encoder, size_t more) {
  if (!buffer_reserve(encoder->into, more)) no_memory(encoder->L);
  return encoder->into->at + encoder->into->used;
}

static void put(struct encoder *encoder, const char *text, size_t length) {
  memcpy(reserve(encoder, length), text, length);
  encoder->into->used += length;
}

/* Length of the UTF-8 sequence at a place; 0 where there is none (RFC 3629: no surrogates, nothing overlong). */
static size_t sequence(const unsigned char *at, size_t left) {
  unsigned char first = at[0];
  if (first < 0x80) return 1;
  if (first < 0xc2 || first > 0xf4) return 0;
  size_t length = first < 0xe0 ? 2 : first < 0xf0 ? 3 : 4;
  if (left < length) return 0;
  for (size_t index = 1; index < length; index++)
    if ((at[index] & 0xc0) != 0x80) return 0;
  if (first == 0xe0 && at[1] < 0xa0) return 0;
  if (first == 0xed && at[1] > 0x9f) return 0;
  if (first == 0xf0 && at[1] < 0x90) return 0;
  if (first == 0xf4 && at[1] > 0x8f) return 0;
  return length;
}

static const char hex[] = "0123456789abcdef";

/* Writes a text with its quotes; false where it is no UTF-8. `into` has room for six times its length and two. */
static int write_quoted(char **into, const char *text, size_t length, int isForced) {
  char *out = *into;
  *out++ = '"';
  const unsigned char *at = (const unsigned char *)text, *end = at + length;
  while (at < end) {
    unsigned char c = *at;
    if (c >= 0x20 && c < 0x80 && c != '"' && c != '\\') {
      *out++ = (char)c;
      at++;
      continue;
    }
    if (c >= 0x80) {
      size_t size = sequence(at, (size_t)(end - at));
      if (size == 0) {
        if (!isForced) return 0;
        memcpy(out, "\xef\xbf\xbd", 3);
        out += 3;
        at++;
        continue;
      }
      memcpy(out, at, size);
      out += size;
      at += size;
      continue;
    }
    *out++ = '\\';
    switch (c) {
      case '"': *out++ = '"'; break;
      case '\\': *out++ = '\\'; break;
      case '\n': *out++ = 'n'; break;
      case '\r': *out++ = 'r'; break;
      case '\t': *out++ = 't'; break;
      default:
        memcpy(out, "u00", 3);
        out[3] = hex[c >> 4];
        out[4] = hex[c & 15];
        out += 5;
    }
    at++;
  }
  *out++ = '"';
  *into = out;
  return 1;
}

void values_quote(struct buffer *into, const char *text, size_t length) {
  if (length > SIZE_MAX / 8 || !buffer_reserve(into, length * 6 + 2)) return;
  char *out = into->at + into->used;
  write_quoted(&out, text, length, 1);
  into->used = (size_t)(out - into->at);
}

static int encode_text(struct encoder *encoder, const char *text, size_t length) {
  if (length > SIZE_MAX / 16) no_memory(encoder->L);
  char *out = reserve(encoder, length * 6 + 2);
  if (!write_quoted(&out, text, length, 0)) return 0;
  encoder->into->used = (size_t)(out - encoder->into->at);
  return 1;
}

static void encode_bytes(struct encoder *encoder, const char *bytes, size_t length) {
  if (encoder->parts == NULL) {
    luaL_error(encoder->L, "a string that is not UTF-8 has no place in JSON");
    return;
  }
  char marker[32] = "{\"$blob\":";
  size_t digits = number_of_integer((long long)encoder->parts->count, marker + 9);
  marker[9 + digits] = '}';
  if (!parts_add(encoder->parts, bytes, length)) no_memory(encoder->L);
  put(encoder, marker, 10 + digits);
}

static void encode_string(struct encoder *encoder, int index) {
  size_t length;
  const char *text = lua_tolstring(encoder->L, index, &length);
  if (!encode_text(encoder, text, length)) encode_bytes(encoder, text, length);
}

static void encode_number(struct encoder *encoder, int index) {
  lua_State *L = encoder->L;
  char *out = reserve(encoder, number_room);
  if (lua_isinteger(L, index)) {
    encoder->into->used += number_of_integer(lua_tointeger(L, index), out);
    return;
  }
  double value = lua_tonumber(L, index);
  if (isnan(value) || isinf(value)) {
    luaL_error(L, "%s cannot be sent: JSON has no such number", isnan(value) ? "nan" : value > 0 ? "inf" : "-inf");
  }
  encoder->into->used += number_of_float(value, out);
}

static void encode_value(struct encoder *encoder, int index, int depth);

static int is_marked(lua_State *L, int index, const char *mark) {
  if (!lua_getmetatable(L, index)) return 0;
  lua_rawgetp(L, LUA_REGISTRYINDEX, mark);
  int isMarked = lua_rawequal(L, -1, -2);
  lua_pop(L, 2);
  return isMarked;
}

/* Bytes whatever they are: what mark_bytes made of a string. */
static void encode_userdata(struct encoder *encoder, int index) {
  lua_State *L = encoder->L;
  if (!is_marked(L, index, bytes_mark)) luaL_error(L, "a %s cannot be sent", luaL_typename(L, index));
  lua_getiuservalue(L, index, 1);
  size_t length;
  const char *bytes = lua_tolstring(L, -1, &length);
  encode_bytes(encoder, bytes, length);
  lua_pop(L, 1);
}

/* How many members a table has, and the greatest of its keys when all are whole numbers from 1; 0 when they are not. */
static size_t measure(lua_State *L, int index, lua_Integer *greatest) {
  size_t count = 0;
  int areListKeys = 1;
  *greatest = 0;
  lua_pushnil(L);
  while (lua_next(L, index)) {
    count++;
    lua_pop(L, 1);
    if (!areListKeys) continue;
    lua_Integer key = lua_isinteger(L, -1) ? lua_tointeger(L, -1) : 0;
    if (key < 1) areListKeys = 0;
    else if (key > *greatest) *greatest = key;
  }
  if (!areListKeys) *greatest = 0;
  return count;
}

static void encode_list(struct encoder *encoder, int index, lua_Integer length, int depth) {
  lua_State *L = encoder->L;
  put(encoder, "[", 1);
  for (lua_Integer at = 1; at <= length; at++) {
    if (at > 1) put(encoder, ",", 1);
    lua_rawgeti(L, index, at);
    encode_value(encoder, lua_gettop(L), depth);
    lua_pop(L, 1);
  }
  put(encoder, "]", 1);
}

struct key {
  const char *text;
  size_t length;
};

/* By bytes, which for UTF-8 is by code points. */
static int compare_keys(const void *left, const void *right) {
  const struct key *one = left, *other = right;
  int order = memcmp(one->text, other->text, one->length < other->length ? one->length : other->length);
  if (order != 0) return order;
  return one->length < other->length ? -1 : one->length > other->length;
}

/* The keys in order, on the stack of Lua; the table keeps their texts while nothing of the plugin runs. A table has them in the
   order of their hashes, which would be another one in another build. */
static const struct key *sorted_keys(struct encoder *encoder, int index, size_t count) {
  lua_State *L = encoder->L;
  struct key *keys = lua_newuserdatauv(L, (count + 1) * sizeof *keys, 0);
  size_t at = 0;
  lua_pushnil(L);
  while (lua_next(L, index)) {
    if (lua_type(L, -2) != LUA_TSTRING) {
      luaL_error(L, "a table with a key that is a %s cannot be sent: keys are strings, or whole numbers from 1 without holes",
                 luaL_typename(L, -2));
    }
    keys[at].text = lua_tolstring(L, -2, &keys[at].length);
    at++;
    lua_pop(L, 1);
  }
  qsort(keys, at, sizeof *keys, compare_keys);
  return keys;
}

static void encode_object(struct encoder *encoder, int index, size_t count, int depth) {
  lua_State *L = encoder->L;
  const struct key *keys = sorted_keys(encoder, index, count);
  put(encoder, "{", 1);
  for (size_t at = 0; at < count; at++) {
    if (at > 0) put(encoder, ",", 1);
    if (!encode_text(encoder, keys[at].text, keys[at].length)) luaL_error(L, "a key that is not UTF-8 cannot be sent");
    put(encoder, ":", 1);
    lua_pushlstring(L, keys[at].text, keys[at].length);
    lua_rawget(L, index);
    encode_value(encoder, lua_gettop(L), depth);
    lua_pop(L, 1);
  }
  put(encoder, "}", 1);
  lua_pop(L, 1);
}

static void encode_table(struct encoder *encoder, int index, int depth) {
  lua_State *L = encoder->L;
  if (depth >= most_depth) luaL_error(L, "a table nested deeper than %d levels, or in itself, cannot be sent", most_depth);
  luaL_checkstack(L, 6, "too many nested tables");
  lua_Integer greatest;
  size_t count = measure(L, index, &greatest);
  /* As many holes as members are taken for nulls; more would be a small table of large numbers. */
  if (greatest > 0 && (size_t)greatest <= count * 2) encode_list(encoder, index, greatest, depth + 1);
  else if (count == 0 && is_marked(L, index, list_mark)) put(encoder, "[]", 2);
  else encode_object(encoder, index, count, depth + 1);
}

static void encode_value(struct encoder *encoder, int index, int depth) {
  lua_State *L = encoder->L;
  switch (lua_type(L, index)) {
    case LUA_TNIL: put(encoder, "null", 4); return;
    case LUA_TBOOLEAN:
      if (lua_toboolean(L, index)) put(encoder, "true", 4);
      else put(encoder, "false", 5);
      return;
    case LUA_TNUMBER: encode_number(encoder, index); return;
    case LUA_TSTRING: encode_string(encoder, index); return;
    case LUA_TTABLE: encode_table(encoder, index, depth); return;
    case LUA_TUSERDATA: encode_userdata(encoder, index); return;
    default:
      if (values_is_null(L, index)) put(encoder, "null", 4);
      else luaL_error(L, "a %s cannot be sent", luaL_typename(L, index));
  }
}

static int encode_in_call(lua_State *L) {
  encode_value(lua_touserdata(L, 1), 2, 0);
  return 0;
}

/* The collector stands still meanwhile: a finalizer of the plugin's could change a table whose keys are held. It is held at
   its own flag, for LUA_GCRESTART would also forget what it owes, and begin a step for every value that is sent. */
void values_encode(lua_State *L, int index, struct buffer *into, struct parts *parts) {
  struct encoder encoder = {L, into, parts};
  lu_byte stopped = G(L)->gcstp;
  index = lua_absindex(L, index);
  luaL_checkstack(L, 3, "too many values");
  G(L)->gcstp |= GCSTPUSR;
  lua_pushcfunction(L, encode_in_call);
  lua_pushlightuserdata(L, &encoder);
  lua_pushvalue(L, index);
  int status = lua_pcall(L, 2, 0, 0);
  G(L)->gcstp = stopped;
  if (status != LUA_OK) lua_error(L);
}

struct decoder {
  lua_State *L;
  const char *start;
  const char *at;
  const char *end;
  const struct parts *parts;
};

static void fail(struct decoder *decoder, const char *what) {
  luaL_error(decoder->L, "not JSON: %s at byte %d", what, (int)(decoder->at - decoder->start) + 1);
}

static void skip_space(struct decoder *decoder) {
  while (decoder->at < decoder->end) {
    char c = *decoder->at;
    if (c != ' ' && c != '\n' && c != '\r' && c != '\t') return;
    decoder->at++;
  }
}

static int hex_digit(char c) {
  if (c >= '0' && c <= '9') return c - '0';
  c |= 0x20;
  return c >= 'a' && c <= 'f' ? c - 'a' + 10 : -1;
}

static unsigned read_unit(struct decoder *decoder) {
  unsigned unit = 0;
  if (decoder->end - decoder->at < 4) fail(decoder, "a text that is cut off");
  for (int index = 0; index < 4; index++) {
    int digit = hex_digit(*decoder->at++);
    if (digit < 0) fail(decoder, "a wrong escape");
    unit = unit * 16 + (unsigned)digit;
  }
  return unit;
}

static void add_character(luaL_Buffer *out, unsigned long code) {
  char bytes[4];
  size_t size;
  if (code < 0x80) {
    bytes[0] = (char)code;
    size = 1;
  } else if (code < 0x800) {
    bytes[0] = (char)(0xc0 | code >> 6);
    bytes[1] = (char)(0x80 | (code & 0x3f));
    size = 2;
  } else if (code < 0x10000) {
    bytes[0] = (char)(0xe0 | code >> 12);
    bytes[1] = (char)(0x80 | (code >> 6 & 0x3f));
    bytes[2] = (char)(0x80 | (code & 0x3f));
    size = 3;
  } else {
    bytes[0] = (char)(0xf0 | code >> 18);
    bytes[1] = (char)(0x80 | (code >> 12 & 0x3f));
    bytes[2] = (char)(0x80 | (code >> 6 & 0x3f));
    bytes[3] = (char)(0x80 | (code & 0x3f));
    size = 4;
  }
  luaL_addlstring(out, bytes, size);
}

/* An escape after its backslash. A lone surrogate becomes U+FFFD. */
static void decode_escape(struct decoder *decoder, luaL_Buffer *out) {
  static const char plain[] = "\"\\/bfnrt", meant[] = "\"\\/\b\f\n\r\t";
  if (decoder->at == decoder->end) fail(decoder, "a text that is cut off");
  char c = *decoder->at++;
  const char *found = c == '\0' ? NULL : strchr(plain, c);
  if (found != NULL) {
    luaL_addchar(out, meant[found - plain]);
    return;
  }
  if (c != 'u') fail(decoder, "a wrong escape");
  unsigned long code = read_unit(decoder);
  if (code >= 0xd800 && code < 0xdc00 && decoder->end - decoder->at >= 6 && decoder->at[0] == '\\' && decoder->at[1] == 'u') {
    const char *before = decoder->at;
    decoder->at += 2;
    unsigned low = read_unit(decoder);
    if (low >= 0xdc00 && low < 0xe000) code = 0x10000 + ((code - 0xd800) << 10) + (low - 0xdc00);
    else decoder->at = before;
  }
  add_character(out, code >= 0xd800 && code < 0xe000 ? 0xfffd : code);
}

/* Pushes a text; stands after its opening quote. */
static void decode_string(struct decoder *decoder) {
  const char *from = decoder->at;
  while (decoder->at < decoder->end && *decoder->at != '"' && *decoder->at != '\\' && (unsigned char)*decoder->at >= 0x20) {
    decoder->at++;
  }
  if (decoder->at < decoder->end && *decoder->at == '"') {
    lua_pushlstring(decoder->L, from, (size_t)(decoder->at++ - from));
    return;
  }
  luaL_Buffer out;
  luaL_buffinit(decoder->L, &out);
  luaL_addlstring(&out, from, (size_t)(decoder->at - from));
  for (;;) {
    if (decoder->at == decoder->end) fail(decoder, "a text that is cut off");
    char c = *decoder->at++;
    if (c == '"') break;
    if ((unsigned char)c < 0x20) fail(decoder, "a control character in a text");
    if (c == '\\') {
      decode_escape(decoder, &out);
      continue;
    }
    const char *plain = decoder->at - 1;
    while (decoder->at < decoder->end && *decoder->at != '"' && *decoder->at != '\\' && (unsigned char)*decoder->at >= 0x20) {
      decoder->at++;
    }
    luaL_addlstring(&out, plain, (size_t)(decoder->at - plain));
  }
  luaL_pushresult(&out);
}

static void decode_number(struct decoder *decoder) {
  const char *from = decoder->at;
  const char *end = number_end(from, decoder->end);
  if (end == NULL) fail(decoder, "a wrong number");
  decoder->at = end;
  long long integer;
  if (number_read_integer(from, end, &integer)) lua_pushinteger(decoder->L, integer);
  else lua_pushnumber(decoder->L, number_read_float(from, end));
}

static void decode_word(struct decoder *decoder, const char *word) {
  size_t length = strlen(word);
  if ((size_t)(decoder->end - decoder->at) < length || memcmp(decoder->at, word, length) != 0) {
    fail(decoder, "an unknown word");
  }
  decoder->at += length;
}

static void decode_value(struct decoder *decoder, int depth);

static void decode_list(struct decoder *decoder, int depth) {
  lua_State *L = decoder->L;
  lua_createtable(L, 0, 0);
  skip_space(decoder);
  if (decoder->at < decoder->end && *decoder->at == ']') {
    decoder->at++;
    lua_rawgetp(L, LUA_REGISTRYINDEX, list_mark);
    lua_setmetatable(L, -2);
    return;
  }
  for (lua_Integer index = 1;; index++) {
    decode_value(decoder, depth);
    lua_rawseti(L, -2, index);
    skip_space(decoder);
    char c = decoder->at < decoder->end ? *decoder->at++ : '\0';
    if (c == ']') return;
    if (c != ',') fail(decoder, "a list without its end");
  }
}

/* Replaces a table that is nothing but a reference to a byte string by that; called for objects while there are any. */
static void resolve_part(struct decoder *decoder) {
  lua_State *L = decoder->L;
  lua_pushstring(L, "$blob");
  lua_rawget(L, -2);
  if (!lua_isinteger(L, -1)) {
    lua_pop(L, 1);
    return;
  }
  lua_Integer index = lua_tointeger(L, -1) + 1;
  lua_pop(L, 1);
  lua_Integer greatest;
  if (measure(L, lua_gettop(L), &greatest) != 1 || index < 1 || (size_t)index >= decoder->parts->count) return;
  const struct part *part = &decoder->parts->list[index];
  lua_pop(L, 1);
  lua_pushlstring(L, part->at, part->length);
}

static void decode_object(struct decoder *decoder, int depth) {
  lua_State *L = decoder->L;
  lua_createtable(L, 0, 0);
  skip_space(decoder);
  if (decoder->at < decoder->end && *decoder->at == '}') {
    decoder->at++;
    return;
  }
  for (;;) {
    skip_space(decoder);
    if (decoder->at == decoder->end || *decoder->at++ != '"') fail(decoder, "an object without a name");
    decode_string(decoder);
    skip_space(decoder);
    if (decoder->at == decoder->end || *decoder->at++ != ':') fail(decoder, "a name without its value");
    decode_value(decoder, depth);
    lua_rawset(L, -3);
    skip_space(decoder);
    char c = decoder->at < decoder->end ? *decoder->at++ : '\0';
    if (c == '}') break;
    if (c != ',') fail(decoder, "an object without its end");
  }
  if (decoder->parts != NULL && decoder->parts->count > 1) resolve_part(decoder);
}

static void decode_value(struct decoder *decoder, int depth) {
  lua_State *L = decoder->L;
  skip_space(decoder);
  if (decoder->at == decoder->end) fail(decoder, "an end where a value should be");
  switch (*decoder->at) {
    case '{':
    case '[':
      if (depth >= most_depth) fail(decoder, "too many levels");
      luaL_checkstack(L, 6, "too many levels");
      if (*decoder->at++ == '{') decode_object(decoder, depth + 1);
      else decode_list(decoder, depth + 1);
      return;
    case '"':
      decoder->at++;
      decode_string(decoder);
      return;
    case 't':
      decode_word(decoder, "true");
      lua_pushboolean(L, 1);
      return;
    case 'f':
      decode_word(decoder, "false");
      lua_pushboolean(L, 0);
      return;
    case 'n':
      decode_word(decoder, "null");
      values_push_null(L);
      return;
    default: decode_number(decoder);
  }
}

void values_decode(lua_State *L, const char *json, size_t length, const struct parts *parts) {
  struct decoder decoder = {L, json, json, json + length, parts};
  luaL_checkstack(L, 6, "too many levels");
  decode_value(&decoder, 0);
  skip_space(&decoder);
  if (decoder.at != decoder.end) fail(&decoder, "something after the value");
  if (values_is_null(L, -1)) {
    lua_pop(L, 1);
    lua_pushnil(L);
  }
}

void values_push_null(lua_State *L) { lua_pushlightuserdata(L, NULL); }

int values_is_null(lua_State *L, int index) {
  return lua_type(L, index) == LUA_TLIGHTUSERDATA && lua_touserdata(L, index) == NULL;
}

static int null_text(lua_State *L) {
  lua_pushliteral(L, "null");
  return 1;
}

/* host.array(t): marks a table, so that it is a list even when it is empty. */
static int mark_list(lua_State *L) {
  if (lua_isnoneornil(L, 1)) {
    lua_settop(L, 0);
    lua_newtable(L);
  }
  luaL_checktype(L, 1, LUA_TTABLE);
  lua_settop(L, 1);
  if (lua_getmetatable(L, 1)) {
    lua_pop(L, 1);
    if (!is_marked(L, 1, list_mark)) return luaL_error(L, "a table with a metatable of its own cannot be marked as an array");
    return 1;
  }
  lua_rawgetp(L, LUA_REGISTRYINDEX, list_mark);
  lua_setmetatable(L, 1);
  return 1;
}

/* bytes(text): crosses as bytes, also where it is UTF-8. */
static int mark_bytes(lua_State *L) {
  luaL_checktype(L, 1, LUA_TSTRING);
  lua_newuserdatauv(L, 0, 1);
  lua_pushvalue(L, 1);
  lua_setiuservalue(L, -2, 1);
  lua_rawgetp(L, LUA_REGISTRYINDEX, bytes_mark);
  lua_setmetatable(L, -2);
  return 1;
}

static void protect(lua_State *L, const char *name) {
  lua_pushboolean(L, 0);
  lua_setfield(L, -2, "__metatable");
  lua_pushstring(L, name);
  lua_setfield(L, -2, "__name");
}

void values_open(lua_State *L) {
  lua_newtable(L);
  protect(L, "array");
  lua_rawsetp(L, LUA_REGISTRYINDEX, list_mark);

  lua_newtable(L);
  protect(L, "bytes");
  lua_rawsetp(L, LUA_REGISTRYINDEX, bytes_mark);

  values_push_null(L);
  lua_newtable(L);
  protect(L, "null");
  lua_pushcfunction(L, null_text);
  lua_setfield(L, -2, "__tostring");
  lua_setmetatable(L, -2);
  lua_setfield(L, -2, "null");

  lua_pushcfunction(L, mark_list);
  lua_setfield(L, -2, "array");
  lua_pushcfunction(L, mark_bytes);
  lua_setfield(L, -2, "bytes");
}
