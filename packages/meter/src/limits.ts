// Limits of memories and tables: read, refused where they belong to a feature that is off, and capped.

import { feature, invalid, ModuleFault } from './fault.ts'
import type { Features } from './features.ts'
import type { Output } from './output.ts'
import type { Reader } from './reader.ts'

/** How many there are at first, and how many there may become at most; what addresses look like. */
export interface SizeLimits {
  readonly min: number
  readonly max: number | undefined
  readonly shared: boolean
  readonly is64: boolean
}

const flag = { max: 1, shared: 2, is64: 4, pageSize: 8 } as const

/** Reads the limits of a memory (`pages`) or a table (`elements`). @throws ModuleFault */
export const readSizeLimits = (reader: Reader, what: 'memory' | 'table', features: Features): SizeLimits => {
  const flags = reader.byte(`the limits of a ${what}`)
  const shared = (flags & flag.shared) !== 0
  const is64 = (flags & flag.is64) !== 0
  if (shared && what === 'table') throw feature('the module uses a shared table')
  if (shared && features.threads !== true) {
    throw feature(
      'the module uses a shared memory (threads), which is off. The operator can allow it with policy.features.threads',
    )
  }
  if (is64 && features.memory64 !== true) {
    throw feature(
      `the module uses a 64-bit ${what} (memory64), which is off. The operator can allow it with policy.features.memory64`,
    )
  }
  if ((flags & flag.pageSize) !== 0) throw feature('the module uses custom page sizes')
  if (flags > 0x07) throw invalid(`the limits of a ${what} have unknown flags (0x${flags.toString(16)})`)
  const read = (which: string): number =>
    is64 ? reader.u64(`the ${which} of a ${what}`) : reader.u32(`the ${which} of a ${what}`)
  const min = read('minimum')
  const max = (flags & flag.max) === 0 ? undefined : read('maximum')
  if (shared && max === undefined) throw invalid('a shared memory has no maximum')
  if (max !== undefined && max < min) throw invalid(`the maximum of a ${what} is below its minimum`)
  if (what === 'memory' && !is64 && (min > 65_536 || (max ?? 0) > 65_536)) {
    throw invalid('a memory has more than 65536 pages')
  }
  return { min, max, shared, is64 }
}

/**
 * Caps several limits so that all of them together never exceed `most`: each keeps its minimum, what is left is shared
 * evenly, and a lower maximum of its own stays. @throws ModuleFault `limit.memory` when the minimums exceed `most`
 */
export const capSizeLimits = (all: readonly SizeLimits[], most: number, unit: string): SizeLimits[] => {
  const needed = all.reduce((sum, limits) => sum + limits.min, 0)
  if (needed > most) throw new ModuleFault('limit.memory', `the module needs ${needed} ${unit}; its limit is ${most}`)
  const share = all.length === 0 ? 0 : Math.floor((most - needed) / all.length)
  return all.map((limits) => ({
    ...limits,
    max: Math.min(limits.max ?? Number.POSITIVE_INFINITY, limits.min + share),
  }))
}

/** Writes limits that have a maximum. */
export const writeSizeLimits = (out: Output, { min, max = min, shared, is64 }: SizeLimits): void => {
  out.byte(flag.max | (shared ? flag.shared : 0) | (is64 ? flag.is64 : 0))
  out.unsigned(min)
  out.unsigned(max)
}
