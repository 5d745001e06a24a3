// The wasm modules that are measured, as text, and how they become bytes. The peers that take bytes get the same ones.

import wabt from 'wabt'
import { asked, hostCallsPerCall } from './asked.ts'

const imports = {
  alloc: '(import "extism:host/env" "alloc" (func $alloc (param i64) (result i64)))',
  free: '(import "extism:host/env" "free" (func $drop_block (param i64)))',
  storeByte: '(import "extism:host/env" "store_u8" (func $store_u8 (param i64 i32)))',
  storeWord: '(import "extism:host/env" "store_u64" (func $store_u64 (param i64 i64)))',
  inputLength: '(import "extism:host/env" "input_length" (func $input_length (result i64)))',
  inputWord: '(import "extism:host/env" "input_load_u64" (func $input_load_u64 (param i64) (result i64)))',
  outputSet: '(import "extism:host/env" "output_set" (func $output_set (param i64 i64)))',
} as const

/** What {@link echoFunctions} imports; imports come first in a module. */
export const echoImports = [
  imports.alloc,
  imports.storeWord,
  imports.inputLength,
  imports.inputWord,
  imports.outputSet,
].join('\n')

/** Copies eight bytes a host call, as Extism PDKs do. */
export const echoFunctions = `
  (func $echo (export "echo") (result i32)
    (local $size i64) (local $to i64) (local $at i64)
    (local.set $size (call $input_length))
    (local.set $to (call $alloc (local.get $size)))
    (loop $next
      (if (i64.lt_u (local.get $at) (local.get $size)) (then
        (call $store_u64 (i64.add (local.get $to) (local.get $at)) (call $input_load_u64 (local.get $at)))
        (local.set $at (i64.add (local.get $at) (i64.const 8)))
        (br $next))))
    (call $output_set (local.get $to) (local.get $size))
    (i32.const 0))`

/** Its mark makes a module unlike every other one. */
const echoModule = (mark: string): string => `(module
  ${echoImports}
  (memory (export "memory") 16)
  (data (i32.const 1024) "${mark}")
  ${echoFunctions})`

const asksModule = `(module
  ${imports.alloc}
  ${imports.storeByte}
  ${imports.free}
${asked.map((name) => `  (import "extism:host/user" "bench_${name}" (func $${name} (param i64) (result i64)))`).join('\n')}
  (memory (export "memory") 16)
  (func $empty_object (result i64)
    (local $block i64)
    (local.set $block (call $alloc (i64.const 2)))
    (call $store_u8 (local.get $block) (i32.const 123))
    (call $store_u8 (i64.add (local.get $block) (i64.const 1)) (i32.const 125))
    (local.get $block))
${asked
  .map(
    (name) => `  (func (export "${name}") (result i32)
    (local $left i32)
    (local.set $left (i32.const ${name === 'wait' ? 1 : hostCallsPerCall}))
    (loop $next
      (call $drop_block (call $${name} (call $empty_object)))
      (br_if $next (local.tee $left (i32.sub (local.get $left) (i32.const 1)))))
    (i32.const 0))`,
  )
  .join('\n')})`

const spinModule =
  '(module (memory (export "memory") 1) (func (export "spin") (result i32) (loop $on (br $on)) unreachable))'

/** Answers how often it was called, as eight bytes: who meets a 1 again has lost its state. */
const counterModule = `(module
  ${imports.alloc}
  ${imports.storeWord}
  ${imports.outputSet}
  (memory (export "memory") 1)
  (global $calls (mut i64) (i64.const 0))
  (func (export "count") (result i32)
    (local $to i64)
    (global.set $calls (i64.add (global.get $calls) (i64.const 1)))
    (local.set $to (call $alloc (i64.const 8)))
    (call $store_u64 (local.get $to) (global.get $calls))
    (call $output_set (local.get $to) (i64.const 8))
    (i32.const 0)))`

/** Bytes of a module in the text format. */
export const assemble = async (text: string): Promise<Uint8Array> => {
  const parsed = (await wabt()).parseWat('bench.wat', text, {})
  try {
    return new Uint8Array(parsed.toBinary({}).buffer)
  } finally {
    parsed.destroy()
  }
}

/** Gives back what it gets; 1 MiB of memory. */
export const assembleEcho = (mark = ''): Promise<Uint8Array> => assemble(echoModule(mark))

/** Calls host functions. */
export const assembleAsks = (): Promise<Uint8Array> => assemble(asksModule)

/** Never ends. */
export const assembleSpin = (): Promise<Uint8Array> => assemble(spinModule)

/** Keeps a number. */
export const assembleCounter = (): Promise<Uint8Array> => assemble(counterModule)
