/* Numbers as JSON and Lua write them. */
#ifndef interpreter_numbers_h
#define interpreter_numbers_h

#include <stddef.h>

/* Bytes that any number takes. */
enum { number_room = 40 };

/* Write digits, without a NUL; answer how many bytes. */
size_t number_of_integer(long long value, char *into);
/* The shortest digits that read back as the same number; a whole one below 2^53 without a point. Not for nan and inf. */
size_t number_of_float(double value, char *into);

/* End of the JSON number (RFC 8259, section 6) at a place; NULL where there is none. */
const char *number_end(const char *from, const char *end);
/* False: it has a fraction or an exponent, or does not fit. */
int number_read_integer(const char *from, const char *end, long long *value);
double number_read_float(const char *from, const char *end);

#endif
