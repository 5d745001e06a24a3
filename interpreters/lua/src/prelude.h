/* The prelude's sources, embedded by the build: prelude.c is written by it. */
#ifndef interpreter_prelude_h
#define interpreter_prelude_h

#include <stddef.h>

struct prelude_file {
  /* Name of the chunk, with its "=". */
  const char *name;
  const char *text;
  size_t length;
};

/* Run at boot, in their order; the last name is NULL. */
extern const struct prelude_file prelude_files[];
/* Modules under `bulkhead.`, compiled and run when they are required. */
extern const struct prelude_file prelude_library[];

#endif
