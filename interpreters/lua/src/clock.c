/* The C library's clock and calendar over the host's: UTC in the library, local time by the offset that the host tells. */
#include <stddef.h>
#include <time.h>

#include "abi.h"

static double started_ms;

time_t time(time_t *into) {
  time_t now = (time_t)(host_clock() / 1000);
  if (into != NULL) *into = now;
  return now;
}

/* Since it was first asked: what a plugin may know of the time that it used. */
clock_t clock(void) {
  double now = host_clock();
  if (started_ms == 0) started_ms = now;
  return (clock_t)((now - started_ms) * (CLOCKS_PER_SEC / 1000));
}

static int offset_seconds(time_t at) { return host_local_offset((double)at * 1000) * 60; }

struct tm *localtime(const time_t *at) {
  int offset = offset_seconds(*at);
  time_t shifted = *at + offset;
  struct tm *fields = gmtime(&shifted);
  if (fields == NULL) return NULL;
  fields->__tm_gmtoff = offset;
  return fields;
}

time_t mktime(struct tm *fields) {
  time_t as_utc = timegm(fields);
  time_t guess = as_utc - offset_seconds(as_utc);
  time_t at = as_utc - offset_seconds(guess);
  struct tm *normal = localtime(&at);
  if (normal == NULL) return (time_t)-1;
  *fields = *normal;
  return at;
}
