// The Extism plug-in ABI, module `extism:host/env` (Extism 1.x: kernel and runtime, as the PDKs import them). Loads and
// stores never get here, for the meter turns them into accesses of the blocks' memory; see substitutions.ts.

import type { WasmImportValue } from '@bulkhead/cell'
import type { LogLevel } from '@bulkhead/kernel'
import { BulkheadError, errorFromWire, packPayload, unpackPayload } from '@bulkhead/kernel/wire'
import type { CallState } from '../call-state.ts'
import type { Guard, WasmValue } from '../import-guard.ts'
import { textOf, utf8 } from '../text.ts'
import type { Vars } from '../vars.ts'
import type { Blocks } from './blocks.ts'
import { parseHttpRequest, parseHttpResponse } from './http.ts'

/** What the ABI acts on. */
export interface ExtismParts {
  readonly blocks: Blocks
  readonly state: CallState
  readonly guard: Guard
  readonly config: Readonly<Record<string, string>>
  readonly vars: () => Vars
}

/** Most bytes of the name of a var or of a config value, of a log line, and of the head of an HTTP request. */
const longestName = 64 * 1024
const longestLine = 64 * 1024
const longestRequest = 1024 * 1024

/** An i64 of the guest as a number; one that no number holds exactly is none of our offsets or lengths. */
const unsigned = (value: WasmValue | undefined): number => {
  const number = Number(value ?? 0)
  return number >= 0 ? number : Number(BigInt.asUintN(64, BigInt(number)))
}

const noBlock = (what: string, offset: number): BulkheadError =>
  new BulkheadError('plugin.trap', `the plugin passed ${what} that is no memory block (offset ${offset})`)

/** Makes the functions of `extism:host/env` for one instance. */
export const makeExtismEnv = (parts: ExtismParts): Record<string, WasmImportValue> => ({
  ...memoryFunctions(parts),
  ...valueFunctions(parts),
  ...httpFunctions(parts),
  ...logFunctions(parts),
})

const memoryFunctions = ({ blocks, guard, state }: ExtismParts): Record<string, WasmImportValue> => {
  const length = guard.now((offset) => BigInt(blocks.length(unsigned(offset))))
  return {
    alloc: guard.now((size) => BigInt(blocks.alloc(unsigned(size)))),
    free: guard.now((offset) => blocks.free(unsigned(offset))),
    length,
    length_unsafe: length,
    reset: guard.now(() => {
      blocks.reset()
      state.output = undefined
      state.error = 0
    }),
    memory_bytes: guard.now(() => BigInt(blocks.memoryBytes)),
    input_set: guard.now((offset, size) => blocks.setInput(unsigned(offset), unsigned(size))),
    output_set: guard.now((offset, size) => {
      state.output = { offset: unsigned(offset), length: unsigned(size) }
    }),
    output_offset: guard.now(() => BigInt(state.output?.offset ?? 0)),
    output_length: guard.now(() => BigInt(state.output?.length ?? 0)),
    error_set: guard.now((offset) => {
      const at = unsigned(offset)
      if (at !== 0 && blocks.length(at) === 0) throw noBlock('an error', at)
      state.error = at
    }),
    error_get: guard.now(() => BigInt(state.error)),
  }
}

const valueFunctions = ({ blocks, guard, config, vars }: ExtismParts): Record<string, WasmImportValue> => ({
  config_get: guard.now((offset) => {
    const name = blocks.readText(unsigned(offset), 'a name', longestName)
    const value = name !== undefined && Object.hasOwn(config, name) ? config[name] : undefined
    return BigInt(value === undefined ? 0 : blocks.store(utf8(value)))
  }),
  var_get: guard.now((offset) => {
    const key = blocks.readText(unsigned(offset), 'the name of a var', longestName)
    const value = key === undefined ? undefined : vars().get(key)
    return BigInt(value === undefined ? 0 : blocks.store(value))
  }),
  var_set: guard.now((keyOffset, valueOffset) => {
    const key = blocks.readText(unsigned(keyOffset), 'the name of a var', longestName)
    if (key === undefined) throw noBlock('the name of a var', unsigned(keyOffset))
    const at = unsigned(valueOffset)
    const value = at === 0 ? undefined : blocks.read(at)
    if (at !== 0 && value === undefined) throw noBlock('the value of a var', at)
    vars().set(key, value)
  }),
})

const httpFunctions = ({ blocks, guard, state }: ExtismParts): Record<string, WasmImportValue> => ({
  http_request: guard.waiting(async (requestOffset, bodyOffset) => {
    state.httpStatus = 0
    state.httpHeaders = {}
    const request = blocks.readText(unsigned(requestOffset), 'an HTTP request', longestRequest)
    if (request === undefined) throw noBlock('an HTTP request', unsigned(requestOffset))
    const at = unsigned(bodyOffset)
    const input = parseHttpRequest(request, at === 0 ? undefined : blocks.read(at))
    const reply = await state.call.dispatch('http.request', packPayload(input))
    // As Extism's hosts do: a request that is refused or fails ends the call, with the host's own error.
    if (!reply.ok) throw errorFromWire(reply.error)
    const response = parseHttpResponse(unpackPayload(reply.payload, 'an HTTP response'))
    state.httpStatus = response.status
    state.httpHeaders = response.headers
    return BigInt(blocks.store(response.body))
  }),
  http_status_code: guard.now(() => state.httpStatus),
  http_headers: guard.now(() => BigInt(blocks.store(utf8(JSON.stringify(state.httpHeaders))))),
})

const logFunctions = ({ blocks, guard, state }: ExtismParts): Record<string, WasmImportValue> => {
  const levels: LogLevel[] = ['trace', 'debug', 'info', 'warn', 'error']
  const functions = levels.map((level) => [
    `log_${level}`,
    guard.now((offset) => {
      const line = blocks.readStart(unsigned(offset), longestLine)
      if (line !== undefined) state.log(level, textOf(line))
    }),
  ])
  return {
    ...(Object.fromEntries(functions) as Record<string, WasmImportValue>),
    // Everything is logged; whoever reads the log filters it.
    get_log_level: guard.now(() => 0),
  }
}
