/* See failure.h. The handler runs where the error was raised, and notes the stack as it was; what is described later is what
   it noted. */
#include "failure.h"

#include <stdlib.h>
#include <string.h>

#include "host.h"
#include "lauxlib.h"
#include "numbers.h"
#include "values.h"

enum { most_frames = 30, most_text = 4096, most_details = 16384, most_name = 100 };

struct frame {
  char file[LUA_IDSIZE];
  char function[most_name];
  int line;
};
static struct frame frames[most_frames];
static int frame_count;

static char entered[most_name];

void failure_note_entry(const char *action) { strncpy(entered, action, most_name - 1); }

static const char *name_of(const lua_Debug *facts, int isOutermost) {
  if (facts->name != NULL) return facts->name;
  if (strcmp(facts->what, "main") == 0) return "<top level>";
  return isOutermost && entered[0] != '\0' ? entered : "<function>";
}

static void note_frames(lua_State *L) {
  lua_Debug facts;
  frame_count = 0;
  for (int level = 1; frame_count < most_frames && lua_getstack(L, level, &facts); level++) {
    lua_getinfo(L, "Sln", &facts);
    if (facts.source[0] != '@' || facts.currentline < 1) continue;
    struct frame *frame = &frames[frame_count++];
    strncpy(frame->file, facts.source + 1, sizeof frame->file - 1);
    frame->line = facts.currentline;
    /* Ours calls the plugin: beyond it there is nobody. */
    lua_Debug caller;
    strncpy(frame->function, name_of(&facts, !lua_getstack(L, level + 2, &caller)), most_name - 1);
  }
}

/* The last name that an area of the host object was asked for and lacks, with the area; empty for none. */
enum { most_missed = 64 };
static char missed_area[most_missed], missed_name[most_missed];

static int note_missed(lua_State *L) {
  if (lua_type(L, 2) != LUA_TSTRING) return 0;
  strncpy(missed_area, lua_tostring(L, 1), most_missed - 1);
  strncpy(missed_name, lua_tostring(L, 2), most_missed - 1);
  return 0;
}

static const char places_mark[] = "bulkhead.places";

/* note_place(error): an error of the host's is of the call that the plugin makes now, wherever it is raised again. */
static int note_place(lua_State *L) {
  lua_Debug facts;
  if (lua_type(L, 1) != LUA_TTABLE) return 0;
  lua_rawgetp(L, LUA_REGISTRYINDEX, places_mark);
  lua_pushvalue(L, 1);
  if (lua_rawget(L, -2) != LUA_TNIL) return 0;
  lua_pop(L, 1);
  for (int level = 1; lua_getstack(L, level, &facts); level++) {
    lua_getinfo(L, "Sl", &facts);
    if (facts.source[0] != '@' || facts.currentline < 1) continue;
    lua_pushvalue(L, 1);
    lua_pushfstring(L, "%s:%d: ", facts.source + 1, facts.currentline);
    lua_rawset(L, -3);
    return 0;
  }
  return 0;
}

void failure_open(lua_State *L) {
  static const luaL_Reg own[] = {{"note_missed", note_missed}, {"note_place", note_place}, {NULL, NULL}};
  luaL_setfuncs(L, own, 0);
  lua_newtable(L);
  lua_newtable(L);
  lua_pushliteral(L, "k");
  lua_setfield(L, -2, "__mode");
  lua_setmetatable(L, -2);
  lua_rawsetp(L, LUA_REGISTRYINDEX, places_mark);
}

int failure_handler(lua_State *L) {
  note_frames(L);
  return 1;
}

static void put(struct buffer *into, const char *text) {
  size_t length = strlen(text);
  if (!buffer_reserve(into, length)) return;
  memcpy(into->at + into->used, text, length);
  into->used += length;
}

static void put_text(struct buffer *into, const char *name, const char *text, size_t length) {
  put(into, name);
  values_quote(into, text, length > most_text ? most_text : length);
}

static void put_number(struct buffer *into, const char *name, int number) {
  char digits[number_room];
  put(into, name);
  digits[number_of_integer(number, digits)] = '\0';
  put(into, digits);
}

static void put_place(struct buffer *into, const char *file, int line) {
  put_text(into, ",\"file\":", file, strlen(file));
  put_number(into, ",\"line\":", line);
  put(into, ",\"column\":0");
}

static void put_stack(struct buffer *into) {
  put(into, ",\"stack\":[");
  for (int index = 0; index < frame_count; index++) {
    const struct frame *frame = &frames[index];
    put_text(into, index == 0 ? "{\"function\":" : ",{\"function\":", frame->function, strlen(frame->function));
    put_place(into, frame->file, frame->line);
    put(into, "}");
  }
  put(into, "]");
}

/* "file:line: " before a message, as Lua writes it; the place is one of the plugin's when the file is a frame's, or any for
   errors of the compiler. Answers how long it is. */
static size_t read_place(const char *text, size_t length, char *file, int *line) {
  for (size_t at = 1; at < length && at < LUA_IDSIZE; at++) {
    if (text[at] != ':') continue;
    size_t digits = at + 1;
    while (digits < length && digits < at + 10 && text[digits] >= '0' && text[digits] <= '9') digits++;
    if (digits == at + 1 || digits + 1 >= length || text[digits] != ':' || text[digits + 1] != ' ') continue;
    memcpy(file, text, at);
    file[at] = '\0';
    *line = atoi(text + at + 1);
    return digits + 2;
  }
  return 0;
}

static int is_frame_file(const char *file) {
  for (int index = 0; index < frame_count; index++)
    if (strcmp(frames[index].file, file) == 0) return 1;
  return 0;
}

static int ends_with(const char *text, size_t length, const char *end) {
  size_t size = strlen(end);
  return length >= size && memcmp(text + length - size, end, size) == 0;
}

static const char syntax_mark[] = "bulkhead.syntax";

void failure_note_syntax(lua_State *L) {
  lua_pushvalue(L, -1);
  lua_rawsetp(L, LUA_REGISTRYINDEX, syntax_mark);
}

/* Whether the text at an index is what the compiler said last. */
static int is_syntax(lua_State *L, int index) {
  lua_rawgetp(L, LUA_REGISTRYINDEX, syntax_mark);
  int isSame = lua_rawequal(L, -1, index);
  lua_pop(L, 1);
  return isSame;
}

static const char *kind_of(int status, const char *text, size_t length) {
  if (status == LUA_ERRMEM || ends_with(text, length, "not enough memory")) return "memory";
  if (status == LUA_ERRSYNTAX) return "syntax";
  if (status == LUA_ERRERR || ends_with(text, length, "stack overflow")) return "stack";
  return "error";
}

/* Whether the text ends as Lua's own word on a value that the host object did not have. */
static int is_missed(const char *text, size_t length) {
  size_t size = strlen(missed_name);
  if (size == 0 || strstr(text, "a nil value (") == NULL || !ends_with(text, length, "')")) return 0;
  return length > size + 3 && text[length - size - 3] == '\'' && memcmp(text + length - size - 2, missed_name, size) == 0;
}

/* `noted` is "file:line: " where the place is known already, else NULL. */
static void put_message(struct buffer *into, int status, const char *text, size_t length, const char *noted) {
  char file[LUA_IDSIZE];
  int line = 0;
  size_t prefix = read_place(text, length, file, &line);
  const char *kind = kind_of(status, text, length);
  if (prefix > 0 && status != LUA_ERRSYNTAX && !is_frame_file(file)) prefix = 0;
  put(into, "{\"name\":\"LuaError\",\"kind\":\"");
  put(into, kind);
  put_text(into, "\",\"message\":", text + prefix, length - prefix);
  if (is_missed(text, length)) {
    put_text(into, ",\"missed\":[", missed_area, strlen(missed_area));
    put_text(into, ",", missed_name, strlen(missed_name));
    put(into, "]");
  }
  if (noted != NULL && read_place(noted, strlen(noted) + 1, file, &line) > 0) put_place(into, file, line);
  else if (prefix > 0) put_place(into, file, line);
  else if (frame_count > 0) put_place(into, frames[0].file, frames[0].line);
}

/* Pushes a member of a thrown table, without its metamethods. */
static int push_member(lua_State *L, int index, const char *name) {
  lua_pushstring(L, name);
  return lua_rawget(L, index);
}

static int encode_details(lua_State *L) {
  values_encode(L, 1, lua_touserdata(L, 2), NULL);
  return 0;
}

static void put_details(lua_State *L, struct buffer *into) {
  size_t before = into->used;
  static const char name[] = ",\"guestDetails\":";
  put(into, name);
  lua_pushcfunction(L, encode_details);
  lua_pushvalue(L, -2);
  lua_pushlightuserdata(L, into);
  if (lua_pcall(L, 2, 0, 0) != LUA_OK) {
    lua_pop(L, 1);
    into->used = before;
  }
  if (into->used - before > most_details) into->used = before;
}

static int describe_table(lua_State *L) {
  struct buffer *into = lua_touserdata(L, 2);
  int status = (int)lua_tointeger(L, 3);
  size_t length;
  const char *text = push_member(L, 1, "message") == LUA_TSTRING ? lua_tolstring(L, -1, &length)
                                                                 : luaL_tolstring(L, 1, &length);
  lua_rawgetp(L, LUA_REGISTRYINDEX, places_mark);
  lua_pushvalue(L, 1);
  lua_rawget(L, -2);
  put_message(into, status, text, length, lua_type(L, -1) == LUA_TSTRING ? lua_tostring(L, -1) : NULL);
  int type = push_member(L, 1, "code");
  if (type == LUA_TSTRING || type == LUA_TNUMBER) {
    text = lua_tolstring(L, -1, &length);
    put_text(into, ",\"guestCode\":", text, length > 200 ? 200 : length);
  }
  if (host_push_error_id(L, 1)) {
    text = lua_tolstring(L, -1, &length);
    put_text(into, ",\"hostErrorId\":", text, length);
  }
  if (push_member(L, 1, "details") != LUA_TNIL) put_details(L, into);
  return 0;
}

static int describe_other(lua_State *L) {
  size_t length;
  int status = is_syntax(L, 1) ? LUA_ERRSYNTAX : (int)lua_tointeger(L, 3);
  const char *text = luaL_tolstring(L, 1, &length);
  put_message(lua_touserdata(L, 2), status, text, length, NULL);
  return 0;
}

void failure_push_diagnostic(lua_State *L) {
  char file[LUA_IDSIZE] = "";
  int line = 0;
  size_t length;
  const char *text = luaL_tolstring(L, -1, &length);
  size_t prefix = read_place(text, length, file, &line);
  lua_createtable(L, 0, 5);
  lua_pushlstring(L, text + prefix, length - prefix);
  lua_setfield(L, -2, "message");
  lua_pushstring(L, file);
  lua_setfield(L, -2, "file");
  lua_pushinteger(L, line);
  lua_setfield(L, -2, "line");
  lua_pushinteger(L, 0);
  lua_setfield(L, -2, "column");
  lua_pushliteral(L, "error");
  lua_setfield(L, -2, "severity");
  lua_remove(L, -2);
}

void failure_describe(lua_State *L, int status, struct buffer *into) {
  into->used = 0;
  lua_pushcfunction(L, lua_type(L, -1) == LUA_TTABLE ? describe_table : describe_other);
  lua_insert(L, -2);
  lua_pushlightuserdata(L, into);
  lua_pushinteger(L, status);
  if (lua_pcall(L, 3, 0, 0) != LUA_OK) {
    lua_pop(L, 1);
    into->used = 0;
    put_message(into, status, "an error that cannot be shown", 29, NULL);
  }
  put_stack(into);
  put(into, "}");
}
