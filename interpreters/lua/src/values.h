/* JSON and byte strings from Lua values, and back. */
#ifndef interpreter_values_h
#define interpreter_values_h

#include "lua.h"
#include "payload.h"

/* Writes the value at an index as JSON; byte strings that are no UTF-8 become parts, where `parts` is given, and are an
   error elsewhere. Raises an error that says what cannot be sent. */
void values_encode(lua_State *L, int index, struct buffer *into, struct parts *parts);

/* Pushes the value of a JSON text. `null` in lists and tables is the null value; at the top it is nil. Raises an error for
   what is no JSON. `parts` are what `$blob` members refer to; may be absent. */
void values_decode(lua_State *L, const char *json, size_t length, const struct parts *parts);

/* Pushes the null value. */
void values_push_null(lua_State *L);
int values_is_null(lua_State *L, int index);

/* Writes a text as a JSON string, whatever is in it. */
void values_quote(struct buffer *into, const char *text, size_t length);

/* Makes the metatables of lists and of null, and their functions in the table at the top. */
void values_open(lua_State *L);

#endif
