/* See numbers.h. The C library's own ways are exact, and slow for they count in 128 bits: what can be done in less is. */
#include "numbers.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static const double most_exact = 9007199254740992.0;

size_t number_of_integer(long long value, char *into) {
  char digits[24];
  size_t count = 0;
  unsigned long long rest = value < 0 ? 0ULL - (unsigned long long)value : (unsigned long long)value;
  do {
    digits[count++] = (char)('0' + rest % 10);
    rest /= 10;
  } while (rest != 0);
  char *out = into;
  if (value < 0) *out++ = '-';
  while (count > 0) *out++ = digits[--count];
  return (size_t)(out - into);
}

size_t number_of_float(double value, char *into) {
  if (fabs(value) < most_exact && value == floor(value) && !(value == 0 && signbit(value))) {
    return number_of_integer((long long)value, into);
  }
  for (int precision = 15;; precision++) {
    size_t length = (size_t)snprintf(into, number_room, "%.*g", precision, value);
    if (precision == 17 || number_read_float(into, into + length) == value) return length;
  }
}

static const char *digits_end(const char *at, const char *end) {
  const char *from = at;
  while (at < end && *at >= '0' && *at <= '9') at++;
  return at == from ? NULL : at;
}

const char *number_end(const char *at, const char *end) {
  if (at < end && *at == '-') at++;
  if (at < end && *at == '0') at++;
  else if ((at = digits_end(at, end)) == NULL) return NULL;
  if (at < end && *at == '.' && (at = digits_end(at + 1, end)) == NULL) return NULL;
  if (at < end && (*at == 'e' || *at == 'E')) {
    at++;
    if (at < end && (*at == '+' || *at == '-')) at++;
    at = digits_end(at, end);
  }
  return at;
}

int number_read_integer(const char *at, const char *end, long long *value) {
  int isNegative = *at == '-';
  if (isNegative) at++;
  long long sum = 0;
  for (; at < end; at++) {
    if (*at < '0' || *at > '9') return 0;
    if (__builtin_mul_overflow(sum, 10, &sum) || __builtin_add_overflow(sum, *at - '0', &sum)) return 0;
  }
  if (isNegative && sum == 0) return 0;
  *value = isNegative ? -sum : sum;
  return 1;
}

static const double powers[] = {1e0,  1e1,  1e2,  1e3,  1e4,  1e5,  1e6,  1e7,  1e8,  1e9,  1e10, 1e11,
                                1e12, 1e13, 1e14, 1e15, 1e16, 1e17, 1e18, 1e19, 1e20, 1e21, 1e22};

/* Exact where the digits fit into 53 bits and the power of ten is exact (Clinger 1990, fast path). */
static int read_fast(const char *at, const char *end, double *value) {
  int isNegative = *at == '-', exponent = 0, written = 0;
  long long digits = 0;
  if (isNegative) at++;
  int count = 0, isFraction = 0;
  for (; at < end && *at != 'e' && *at != 'E'; at++) {
    if (*at == '.') {
      isFraction = 1;
      continue;
    }
    if (digits > 0 || *at != '0') count++;
    if (count > 15) return 0;
    digits = digits * 10 + (*at - '0');
    if (isFraction) exponent--;
  }
  if (at < end) {
    at++;
    int isBelow = *at == '-';
    if (*at == '-' || *at == '+') at++;
    for (; at < end; at++) {
      written = written * 10 + (*at - '0');
      if (written > 1000) return 0;
    }
    exponent += isBelow ? -written : written;
  }
  if (exponent < -22 || exponent > 22) return 0;
  double result = exponent < 0 ? (double)digits / powers[-exponent] : (double)digits * powers[exponent];
  *value = isNegative ? -result : result;
  return 1;
}

double number_read_float(const char *from, const char *end) {
  double value;
  if (read_fast(from, end, &value)) return value;
  char text[400];
  size_t length = (size_t)(end - from);
  if (length < sizeof text) {
    memcpy(text, from, length);
    text[length] = '\0';
    return strtod(text, NULL);
  }
  char *copy = malloc(length + 1);
  if (copy == NULL) return NAN;
  memcpy(copy, from, length);
  copy[length] = '\0';
  value = strtod(copy, NULL);
  free(copy);
  return value;
}
