/* The interpreter ABI, version 1 (docs/adr/0018): what the host offers, and how a function is offered to it. */
#ifndef interpreter_abi_h
#define interpreter_abi_h

#include <stddef.h>
#include <stdint.h>

#define OFFER(name) __attribute__((export_name(#name)))
#define IMPORT(name) __attribute__((import_module("bulkhead:interpreter@1"), import_name(#name)))

/* Kinds of arrivals, as host_next tells them. */
enum { arrival_none, arrival_reply, arrival_refusal, arrival_timer, arrival_never };
/* Kinds of outcomes. */
enum { outcome_result, outcome_failure, outcome_unknown };
enum { level_trace, level_debug, level_info, level_warn, level_error };

IMPORT(send) void host_send(uint32_t id, const char *name, size_t nameLength, const char *payload, size_t payloadLength);
IMPORT(timer) void host_timer(uint32_t id, int32_t ms);
IMPORT(stop_timer) void host_stop_timer(uint32_t id);
IMPORT(next) int host_next(int block);
IMPORT(arrival_id) uint32_t host_arrival_id(void);
IMPORT(arrival_size) size_t host_arrival_size(void);
IMPORT(arrival_take) void host_arrival_take(char *into);
IMPORT(finish) void host_finish(int kind, const char *text, size_t length);
IMPORT(log) void host_log(int level, const char *text, size_t length);
IMPORT(clock) double host_clock(void);
IMPORT(random) void host_random(void *into, size_t length);
IMPORT(local_offset) int host_local_offset(double ms);
IMPORT(config) size_t host_config(void);
IMPORT(config_take) void host_config_take(char *into);
IMPORT(abort) _Noreturn void host_abort(const char *text, size_t length);

#endif
