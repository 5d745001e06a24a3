/* How Lua's own sources are configured: included before each of them. Errors unwind by WebAssembly exceptions (protect.cpp),
   so that no JavaScript frame ever lies between the interpreter's own; nothing reads a clock, chance or a locale behind
   the host's back. */
#ifndef interpreter_config_h
#define interpreter_config_h

#ifndef __cplusplus
struct lua_State;

/* protect.cpp. The status is in the record that the thrower filled in before; -1 stands for an exception without one. */
int interpreter_try(struct lua_State *L, void (*run)(struct lua_State *, void *), void *argument);
_Noreturn void interpreter_throw(void);
#define LUAI_THROW(L, c) interpreter_throw()
#define LUAI_TRY(L, c, a) \
  if (interpreter_try(L, f, ud) != 0 && (c)->status == 0) (c)->status = -1;
#define luai_jmpbuf int
#endif

/* The base state is the same each time; see random.c for what draws entropy. */
#define luai_makeseed(L) 0x51ab1e5u
#define lua_getlocaledecpoint() '.'
#define l_randomizePivot() 0x9e3779b9u

/* There is no standard output: print and warn are the interpreter's own. */
#define lua_writestring(s, l) ((void)(s), (void)(l))
#define lua_writeline() ((void)0)
#define lua_writestringerror(s, p) ((void)(s), (void)(p))

#endif
