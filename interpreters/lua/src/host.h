/* What a plugin reaches the host by, as primitives for the prelude. */
#ifndef interpreter_host_h
#define interpreter_host_h

#include <stddef.h>

#include "lua.h"
#include "payload.h"

/* Puts the primitives into the table at the top. */
void host_open(lua_State *L);

/* Pushes what an error of the host's is: a table with the fields of the JSON text and the metatable of such errors. */
void host_push_error(lua_State *L, const char *json, size_t length);
/* Pushes the id by which the host knows an error of its own, if the value at an index is one; answers whether it is. */
int host_push_error_id(lua_State *L, int index);

/* Writes the value at an index as a payload into a buffer that is used again. NULL: no memory. */
struct buffer *host_payload(lua_State *L, int index);

/* Reads a payload that lies in memory until the end of the call. Leaves what it needs on the stack. */
void host_read_payload(lua_State *L, const char *payload, size_t length, struct parts *parts);

#endif
