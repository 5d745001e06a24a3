/* See payload.h. Knows nothing of Lua. */
#include "payload.h"

#include <stdlib.h>
#include <string.h>

static const size_t most_kept = 64 * 1024;

int buffer_reserve(struct buffer *buffer, size_t more) {
  if (more > SIZE_MAX / 2 || buffer->used > SIZE_MAX / 2) return 0;
  size_t needed = buffer->used + more;
  if (needed <= buffer->size) return 1;
  size_t size = buffer->size * 2 > needed ? buffer->size * 2 : needed + 256;
  char *at = realloc(buffer->at, size);
  if (at == NULL && size > needed) {
    size = needed;
    at = realloc(buffer->at, size);
  }
  if (at == NULL) return 0;
  buffer->at = at;
  buffer->size = size;
  return 1;
}

void buffer_clear(struct buffer *buffer) {
  buffer->used = 0;
  if (buffer->size <= most_kept) return;
  free(buffer->at);
  buffer->at = NULL;
  buffer->size = 0;
}

int parts_add(struct parts *parts, const char *at, size_t length) {
  if (parts->count == parts->room) {
    size_t room = parts->room * 2 + 4;
    struct part *list = realloc(parts->list, room * sizeof(struct part));
    if (list == NULL) return 0;
    parts->list = list;
    parts->room = room;
  }
  parts->list[parts->count++] = (struct part){at, length};
  return 1;
}

void parts_clear(struct parts *parts) {
  parts->count = 0;
  if (parts->room <= 1024) return;
  free(parts->list);
  parts->list = NULL;
  parts->room = 0;
}

static int read_word(const char *payload, size_t length, size_t at, uint32_t *word) {
  if (length < 4 || at > length - 4) return 0;
  memcpy(word, payload + at, 4);
  return 1;
}

size_t payload_count(const char *payload, size_t length) {
  uint32_t count;
  return read_word(payload, length, 0, &count) && count <= length / 4 ? count : 0;
}

int payload_read(struct parts *parts, const char *payload, size_t length) {
  size_t at = 4;
  parts->count = 0;
  while (parts->count < parts->room) {
    uint32_t size;
    if (!read_word(payload, length, at, &size)) return 0;
    at += 4;
    if (size > length - at) return 0;
    parts->list[parts->count++] = (struct part){payload + at, size};
    at += size;
  }
  return 1;
}

static void write_word(char *at, size_t word) {
  uint32_t value = (uint32_t)word;
  memcpy(at, &value, 4);
}

int payload_close(struct buffer *buffer, const struct parts *parts) {
  write_word(buffer->at, parts->count + 1);
  write_word(buffer->at + 4, buffer->used - payload_head);
  for (size_t index = 0; index < parts->count; index++) {
    const struct part *part = &parts->list[index];
    if (part->length > SIZE_MAX - 4 || !buffer_reserve(buffer, part->length + 4)) return 0;
    write_word(buffer->at + buffer->used, part->length);
    memcpy(buffer->at + buffer->used + 4, part->at, part->length);
    buffer->used += part->length + 4;
  }
  return 1;
}
