/* Payloads in memory: a count, then each part as its length and its bytes. Part 0 is JSON, the others are byte strings. */
#ifndef interpreter_payload_h
#define interpreter_payload_h

#include <stddef.h>
#include <stdint.h>

/* Bytes that grow. Kept between uses, unless it has become large. */
struct buffer {
  char *at;
  size_t used;
  size_t size;
};

/* Parts of a payload, as places in memory. */
struct part {
  const char *at;
  size_t length;
};
struct parts {
  struct part *list;
  size_t count;
  size_t room;
};

/* False: no memory. */
int buffer_reserve(struct buffer *buffer, size_t more);
void buffer_clear(struct buffer *buffer);
int parts_add(struct parts *parts, const char *at, size_t length);
void parts_clear(struct parts *parts);

/* How many parts a payload says it has; 0 when it is none. */
size_t payload_count(const char *payload, size_t length);
/* Reads a payload into a list with room for them: false when it is none. */
int payload_read(struct parts *parts, const char *payload, size_t length);
/* Room for a payload's count and the length of its first part, which payload_close fills in; what is written after them is
   that part. */
enum { payload_head = 8 };
/* Makes a payload of a first part and the others. False: no memory. */
int payload_close(struct buffer *buffer, const struct parts *parts);

#endif
