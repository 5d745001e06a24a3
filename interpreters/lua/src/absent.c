/* What Lua's libraries refer to and no plugin ever gets: processes, files, environment, bytecode. The functions that would
   use them are not in a plugin's tables; should one be reached all the same, it finds nothing here. */
#include <stddef.h>
#include <time.h>

#include "abi.h"
#include "lauxlib.h"
#include "lobject.h"
#include "lundump.h"

/* What math.random is seeded with at boot; see random.c. */
time_t absent_time(time_t *into) {
  (void)into;
  return 0;
}

/* The build lets Lua's os library call these instead of the C library's. */
char *absent_getenv(const char *name) {
  (void)name;
  return NULL;
}

int absent_remove(const char *name) {
  (void)name;
  return -1;
}

int absent_rename(const char *from, const char *to) {
  (void)from, (void)to;
  return -1;
}

char *absent_setlocale(int category, const char *locale) {
  (void)category, (void)locale;
  return NULL;
}

_Noreturn void absent_exit(int status) {
  (void)status;
  host_abort("exit", 4);
}

LClosure *luaU_undump(lua_State *L, ZIO *chunk, const char *name) {
  (void)chunk;
  (void)name;
  luaL_error(L, "binary chunks are not loaded");
  return NULL;
}

int luaU_dump(lua_State *L, const Proto *function, lua_Writer writer, void *data, int strip) {
  (void)L, (void)function, (void)writer, (void)data, (void)strip;
  return 1;
}

int luaL_loadfilex(lua_State *L, const char *name, const char *mode) {
  (void)mode;
  lua_pushfstring(L, "cannot open %s: a plugin has no files of its own", name == NULL ? "stdin" : name);
  return LUA_ERRFILE;
}

/* The C library's files are linked and never open: texts are formatted by way of them. (WASI preview 1, errno 52: not
   supported.) */
enum { not_supported = 52 };

#define ABSENT(name, ...) \
  int32_t __imported_wasi_snapshot_preview1_##name(__VA_ARGS__); \
  int32_t __imported_wasi_snapshot_preview1_##name(__VA_ARGS__) { return not_supported; }

ABSENT(fd_close, int32_t file)
ABSENT(fd_read, int32_t file, int32_t pieces, int32_t count, int32_t read)
ABSENT(fd_seek, int32_t file, int64_t offset, int32_t whence, int32_t position)
ABSENT(fd_write, int32_t file, int32_t pieces, int32_t count, int32_t written)
ABSENT(random_get, int32_t into, int32_t length)
