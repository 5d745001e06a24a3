// Lua's protected calls on WebAssembly exceptions. Catches what it threw itself and nothing else: a trap, and whatever the
// host makes of one, goes through.

extern "C" {

struct lua_State;

// What clang's exceptions need of a C++ library, for values that nobody looks at.
void *__cxa_begin_catch(void *exception) noexcept { return exception; }
void __cxa_end_catch() {}

[[noreturn]] void interpreter_throw() { __builtin_wasm_throw(0, nullptr); }

int interpreter_try(lua_State *L, void (*run)(lua_State *, void *), void *argument) {
  try {
    run(L, argument);
    return 0;
  } catch (...) {
    return 1;
  }
}
}
