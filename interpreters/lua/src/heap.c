/* Where the C library's allocator gets its memory: first what the host gave beyond that, then more of it. The library's own
   way would take new pages even where the host had added some. */
#include <errno.h>
#include <stdint.h>

enum { page_bytes = 65536, pages_at_once = 4 };

static uintptr_t heap_end;

void *sbrk(intptr_t more) {
  uintptr_t size = (uintptr_t)__builtin_wasm_memory_size(0) * page_bytes;
  /* The allocator has taken all that there was when it began. */
  if (heap_end == 0) heap_end = size;
  if (more < 0) return (void *)-1;
  uintptr_t start = heap_end;
  if ((uintptr_t)more > UINTPTR_MAX - start - page_bytes) {
    errno = ENOMEM;
    return (void *)-1;
  }
  uintptr_t end = start + (uintptr_t)more;
  if (end > size) {
    uintptr_t missing = (end - size + page_bytes - 1) / page_bytes;
    uintptr_t wanted = missing < pages_at_once ? pages_at_once : missing;
    if (__builtin_wasm_memory_grow(0, wanted) == SIZE_MAX && __builtin_wasm_memory_grow(0, missing) == SIZE_MAX) {
      errno = ENOMEM;
      return (void *)-1;
    }
  }
  heap_end = end;
  return (void *)start;
}
