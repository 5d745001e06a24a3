// Small wasm plugins for tests, in the Extism ABI.

import { assemble } from './wat.ts'

/** Imports and a `$block` function that copies bytes of linear memory into a new block. */
const prelude = `
  (import "extism:host/env" "alloc" (func $alloc (param i64) (result i64)))
  (import "extism:host/env" "length" (func $length (param i64) (result i64)))
  (import "extism:host/env" "store_u8" (func $store_u8 (param i64 i32)))
  (import "extism:host/env" "load_u8" (func $load_u8 (param i64) (result i32)))
  (import "extism:host/env" "input_length" (func $input_length (result i64)))
  (import "extism:host/env" "input_load_u8" (func $input_load_u8 (param i64) (result i32)))
  (import "extism:host/env" "output_set" (func $output_set (param i64 i64)))`

const block = `
  (func $block (param $at i32) (param $size i32) (result i64)
    (local $offset i64) (local $i i32)
    (local.set $offset (call $alloc (i64.extend_i32_u (local.get $size))))
    (loop $next
      (if (i32.lt_u (local.get $i) (local.get $size)) (then
        (call $store_u8
          (i64.add (local.get $offset) (i64.extend_i32_u (local.get $i)))
          (i32.load8_u (i32.add (local.get $at) (local.get $i))))
        (local.set $i (i32.add (local.get $i) (i32.const 1)))
        (br $next))))
    (local.get $offset))`

const text = (value: string): string =>
  [...new TextEncoder().encode(value)].map((byte) => `\\${byte.toString(16).padStart(2, '0')}`).join('')

/** A module with one page of memory and the given functions; `data` stands at address 0. */
export const extismModule = (
  body: string,
  options: { imports?: string; data?: string; memory?: string } = {},
): Promise<Uint8Array> =>
  assemble(`(module ${prelude} ${options.imports ?? ''}
  (memory (export "memory") ${options.memory ?? '1'})
  (data (i32.const 0) "${text(options.data ?? '')}")
  ${block}
  ${body})`)

/** `echo`: output is the input. */
export const echoModule = (): Promise<Uint8Array> =>
  extismModule(`
  (func (export "echo") (result i32)
    (local $size i64) (local $offset i64) (local $i i64)
    (local.set $size (call $input_length))
    (local.set $offset (call $alloc (local.get $size)))
    (loop $next
      (if (i64.lt_u (local.get $i) (local.get $size)) (then
        (call $store_u8 (i64.add (local.get $offset) (local.get $i)) (call $input_load_u8 (local.get $i)))
        (local.set $i (i64.add (local.get $i) (i64.const 1)))
        (br $next))))
    (call $output_set (local.get $offset) (local.get $size))
    (i32.const 0))`)

/** `ask`: calls one host function with the given JSON and outputs its whole reply. */
export const askModule = (functionName: string, json: string): Promise<Uint8Array> =>
  extismModule(
    `
  (func (export "ask") (result i32)
    (local $reply i64)
    (local.set $reply (call $ask (call $block (i32.const 0) (i32.const ${new TextEncoder().encode(json).length}))))
    (call $output_set (local.get $reply) (call $length (local.get $reply)))
    (i32.const 0))`,
    { imports: `(import "bulkhead:host" "${functionName}" (func $ask (param i64) (result i64)))`, data: json },
  )
