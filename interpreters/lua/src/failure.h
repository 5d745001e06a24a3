/* What went wrong in a plugin, for the host. */
#ifndef interpreter_failure_h
#define interpreter_failure_h

#include "lua.h"
#include "payload.h"

/* Adds what the prelude tells of failures to the table at the top: note_place, note_missed. */
void failure_open(lua_State *L);

/* Message handler of protected calls: leaves the error with where it happened at the top. */
int failure_handler(lua_State *L);

/* The text at the top is what the compiler says of a source: whoever lets it escape has a fault of syntax. */
void failure_note_syntax(lua_State *L);

/* Pushes what the compiler says at the top as a diagnostic: file, line, column, message, severity. */
void failure_push_diagnostic(lua_State *L);

/* What is entered next, for the outermost frame. */
void failure_note_entry(const char *action);

/* Writes the description of what a protected call left at the top, with its status. Never raises. */
void failure_describe(lua_State *L, int status, struct buffer *into);

#endif
