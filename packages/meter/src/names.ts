// The namespace that only the meter may use, and the names in it. What stands for each is told in the meter's contract
// (meter-module.ts) and made by the cell.

/** Prefix of module names of imports, and of names of exports, that no guest may use. */
export const meterNamespace = 'bulkhead:meter'

/** Changes whenever the output for some module may change: part of the key of every cache of rewritten modules. */
export const meterVersion = '8'

/** Exported name of what was the start function. */
export const startExport = `${meterNamespace}/start`

/** Exported name of an own mutable global, by its index. */
export const globalExport = (index: number): string => `${meterNamespace}/global/${index}`

/** Imported name of a memory that was the module's own, by its index. */
export const memoryImport = (index: number): string => `memory/${index}`

/** Name in stack traces of a function that the meter appended. */
export const frameName = (what: string): string => `${meterNamespace}/${what}`

/** Whether a frame of a stack trace is the meter's own. */
export const isMeterFrame = (name: string): boolean => name.startsWith(`${meterNamespace}/`)

/** Bits of the global `state`. */
export const stateBits = { dead: 1, growthRefused: 2, lastingChange: 4 } as const
