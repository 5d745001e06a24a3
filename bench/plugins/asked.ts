// The host functions that the plugin `asks` calls, and how often; who measures declares them.

/** Their names, below `bench.`; each is an action of the plugin as well. */
export const asked = ['plain', 'read', 'write', 'wait'] as const

/** Host calls that one call of `plain`, `read` or `write` makes; `wait` makes one. */
export const hostCallsPerCall = 100
