// Limits of memories and tables: read, refused where they belong to a feature that is off, and capped.

import { feature, invalid, ModuleFault } from './fault.ts'
import type { Reader } from './reader.ts'
import type { Output } from './output.ts'

/** How many there are at first, and how many there may become at most. */
export interface SizeLimits {
  readonly min: number
  readonly max: number | undefined
}

/** Reads the limits of a memory (`pages`) or a table (`elements`). @throws ModuleFault */
export const readSizeLimits = (reader: Reader, what: 'memory' | 'table'): SizeLimits => {
  const flags = reader.byte(`the limits of a ${what}`)
  if (flags & 0x02) throw feature(`the module uses a shared ${what} (threads)`)
  if (flags & 0x04) throw feature(`the module uses a 64-bit ${what} (memory64)`)
  if (flags & 0x08) throw feature('the module uses custom page sizes')
  if (flags > 0x01) throw invalid(`the limits of a ${what} have unknown flags (0x${flags.toString(16)})`)
  const min = reader.u32(`the minimum of a ${what}`)
  const max = flags === 1 ? reader.u32(`the maximum of a ${what}`) : undefined
  if (max !== undefined && max < min) throw invalid(`the maximum of a ${what} is below its minimum`)
  if (what === 'memory' && (min > 65_536 || (max ?? 0) > 65_536)) throw invalid('a memory has more than 65536 pages')
  return { min, max }
}

/**
 * Caps several limits so that all of them together never exceed `most`: each keeps its minimum, what is left is shared
 * evenly, and a lower maximum of its own stays. @throws ModuleFault `limit.memory` when the minimums exceed `most`
 */
export const capSizeLimits = (all: readonly SizeLimits[], most: number, unit: string): SizeLimits[] => {
  const needed = all.reduce((sum, limits) => sum + limits.min, 0)
  if (needed > most) throw new ModuleFault('limit.memory', `the module needs ${needed} ${unit}; its limit is ${most}`)
  const share = all.length === 0 ? 0 : Math.floor((most - needed) / all.length)
  return all.map(({ min, max }) => ({ min, max: Math.min(max ?? Number.POSITIVE_INFINITY, min + share) }))
}

/** Writes limits that have a maximum. */
export const writeSizeLimits = (out: Output, limits: SizeLimits): void => {
  out.byte(1)
  out.u32(limits.min)
  out.u32(limits.max ?? limits.min)
}
