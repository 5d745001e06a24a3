// What AssemblyScript modules import from `env` unless they are built otherwise: abort, trace and seed.

import type { WasmImportValue, WasmMemory } from '@bulkhead/cell'
import { BulkheadError } from '@bulkhead/kernel/wire'
import type { CallState } from './call-state.ts'
import type { Guard } from './import-guard.ts'

/** Longest string that is read, bytes. */
const longestString = 4096

/** An AssemblyScript string: UTF-16, its length in bytes in the four bytes before it. */
const readString = (memory: WasmMemory | undefined, value: number | bigint | undefined): string => {
  const at = Number(value ?? 0) >>> 0
  if (memory === undefined || at < 4 || at > memory.buffer.byteLength) return ''
  const length = new DataView(memory.buffer).getUint32(at - 4, true)
  const end = Math.min(at + Math.min(length, longestString), memory.buffer.byteLength)
  return new TextDecoder('utf-16le').decode(new Uint8Array(memory.buffer, at, end - at))
}

/** Makes the functions for one module of one instance. */
export const makeAssemblyScriptEnv = (parts: {
  readonly state: CallState
  readonly guard: Guard
  readonly memory: () => WasmMemory | undefined
}): Record<string, WasmImportValue> => {
  const { state, guard, memory } = parts
  return {
    abort: guard.now((message, file, line, column) => {
      const where = `${readString(memory(), file)}:${Number(line)}:${Number(column)}`
      const what = readString(memory(), message) || 'abort'
      throw new BulkheadError('plugin.trap', `the plugin aborted: ${what} (${where})`)
    }),
    trace: guard.now((message) => state.log('debug', readString(memory(), message))),
    seed: guard.now(() => crypto.getRandomValues(new Uint32Array(1))[0] ?? 0),
  }
}
