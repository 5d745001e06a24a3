// Interpreters written by an attacker: WAT that speaks the ABI of the script tier and lies in it.

import { openCells } from '@bulkhead/cell'
import { defaultLimits, type Dispatch, type Limits } from '@bulkhead/kernel'
import { assemble } from './wat.ts'

/** Bodies of functions; what is left out does what an honest interpreter would. */
export interface Forgery {
  readonly load?: string
  readonly check?: string
  readonly invoke?: string
  readonly allocate?: string
  /** Functions and globals beside. */
  readonly more?: string
}

/** How it is run. */
export interface ForgeryOptions {
  readonly limits?: Partial<Limits>
  readonly dispatch?: Dispatch
  readonly checks?: boolean
  readonly wallMs?: number
}

/** Address of a payload that is `null`; its length. */
export const nullPayload = '(i32.const 1024) (i32.const 12)'
/** Addresses of an action list, and of a name of four letters. */
const actionList = '(i32.const 1040) (i32.const 18)'

const wat = ({ load, check, invoke, allocate, more = '' }: Forgery): string => `(module
  (import "env" "memory" (memory 4 32768))
  (import "bulkhead:interpreter@1" "send" (func $send (param i32 i32 i32 i32 i32)))
  (import "bulkhead:interpreter@1" "timer" (func $timer (param i32 i32)))
  (import "bulkhead:interpreter@1" "stop_timer" (func $stop_timer (param i32)))
  (import "bulkhead:interpreter@1" "next" (func $next (param i32) (result i32)))
  (import "bulkhead:interpreter@1" "arrival_id" (func $arrival_id (result i32)))
  (import "bulkhead:interpreter@1" "arrival_size" (func $arrival_size (result i32)))
  (import "bulkhead:interpreter@1" "arrival_take" (func $arrival_take (param i32)))
  (import "bulkhead:interpreter@1" "finish" (func $finish (param i32 i32 i32)))
  (import "bulkhead:interpreter@1" "log" (func $log (param i32 i32 i32)))
  (import "bulkhead:interpreter@1" "clock" (func $clock (result f64)))
  (import "bulkhead:interpreter@1" "random" (func $random (param i32 i32)))
  (import "bulkhead:interpreter@1" "local_offset" (func $local_offset (param f64) (result i32)))
  (import "bulkhead:interpreter@1" "config" (func $config (result i32)))
  (import "bulkhead:interpreter@1" "config_take" (func $config_take (param i32)))
  (import "bulkhead:interpreter@1" "abort" (func $abort (param i32 i32)))
  (data (i32.const 1024) "\\01\\00\\00\\00\\04\\00\\00\\00null")
  (data (i32.const 1040) "\\01\\00\\00\\00\\0a\\00\\00\\00{\\"run\\":{}}")
  (data (i32.const 1100) "name")
  ${more}
  (func (export "boot") (result i32) (i32.const 0))
  (func (export "allocate") (param $size i32) (result i32) ${allocate ?? '(i32.const 65536)'})
  (func (export "release") (param i32) (result i32) (i32.const 0))
  (func (export "load") (param i32 i32) (result i32) (local $i i32) ${load ?? `(call $finish (i32.const 0) ${actionList})`} (i32.const 0))
  (func (export "check") (param i32 i32) (result i32) (local $i i32) ${check ?? `(call $finish (i32.const 0) ${nullPayload})`} (i32.const 0))
  (func (export "invoke") (param i32 i32) (result i32) (local $i i32) (local $turn i32) ${invoke ?? `(call $finish (i32.const 0) ${nullPayload})`} (i32.const 0)))`

/** Repeats a body while `$i` counts up to a number. */
export const repeated = (count: number, body: string): string =>
  `(local.set $i (i32.const 0)) (loop $again ${body} (br_if $again (i32.lt_u (local.tee $i (i32.add (local.get $i) (i32.const 1))) (i32.const ${count}))))`

/** What came of one call: its output as JSON, or the code of its error. */
export const runForged = async (forgery: Forgery, options: ForgeryOptions = {}) => {
  const limits = { ...defaultLimits, ...options.limits }
  const logged: string[] = []
  await using cells = openCells()
  try {
    const cell = await cells.open({
      boundary: 'thread',
      domain: 'test',
      driverUrl: new URL('../../packages/runtimes/script/src/abi/driver.ts', import.meta.url),
      log: (_level, message) => void logged.push(message),
      artifact: {
        name: 'forged',
        digest: `forged-${JSON.stringify(forgery).length}`,
        entry: 'main.lua',
        bytes: new Uint8Array(),
        modules: [{ name: '', bytes: await assemble(wat(forgery)) }],
        config: {},
        functions: ['name'],
        limits,
        isolation: 'per-call',
        extra: {
          title: 'the forged interpreter',
          language: 'lua',
          areas: [],
          table: '{}',
          ...(options.checks === true ? { checks: true } : {}),
        },
      },
    })
    const result = await cell.call({
      action: options.checks === true ? 'check' : 'run',
      input: { kind: 'value', payload: { json: 'null' } },
      output: 'value',
      context: {
        callId: 'c1',
        principal: { id: 'p', name: 'forged', digest: 'd' },
        chain: [],
        action: 'run',
        workspaceRoot: '/',
        deadlineMs: performance.now() + (options.wallMs ?? 5000),
        limits,
        signal: new AbortController().signal,
      },
      dispatch: options.dispatch ?? (async () => ({ ok: true, payload: { json: 'null' } })),
      log: (_level, message) => void logged.push(message),
    })
    return { output: result.output.kind === 'value' ? result.output.payload.json : undefined, logged, code: undefined }
  } catch (error) {
    const { code, message } = error as { code: string; message: string }
    return { output: undefined, logged, code, message }
  }
}
