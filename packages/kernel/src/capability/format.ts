// The one spelling of capabilities and patterns in grants, prompts and the audit log; parse.ts reads it back.

import type { Capability } from './capability.ts'

/** `name` or `name:scope`. What it prints, `parseCapability` and `parsePattern` read back unchanged. */
export const formatCapability = (capability: Capability): string =>
  capability.scope === undefined ? capability.name : `${capability.name}:${capability.scope}`
