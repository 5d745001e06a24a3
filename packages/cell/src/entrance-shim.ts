// The module behind an entrance: a function that calls the guest's, and writes into the epoch memory that it returned. In text:
//
//   (module
//     (import "" "guest" (func $guest (param i32)* (result i32)))
//     (import "" "epoch" (memory 1 1 shared))
//     (func (export "enter") (param i32)* (result i32) (local $result i32)
//       (local.set $result (call $guest …))
//       (i32.store offset=… (i32.const 0) (local.get $result))
//       (i32.store offset=… (i32.const 0) (i32.const 1))
//       (local.get $result)))
//
// Source of the encoding: WebAssembly core specification, 5 (binary format).

import { epochWords } from './registers.ts'

const i32 = 0x7f
const wordBytes = 4

/** The bytes of the module for a function of so many parameters, all i32, with one result of i32. Fewer than 100 parameters. */
export const shimModule = (parameters: number): Uint8Array => {
  const types = [1, 0x60, ...vector(Array.from({ length: parameters }, () => i32)), 1, i32]
  const imports = [2, ...name(''), ...name('guest'), 0x00, 0, ...name(''), ...name('epoch'), 0x02, 0x03, 1, 1]
  const code = [
    ...[1, 1, i32],
    ...Array.from({ length: parameters }, (_, index) => [0x20, index]).flat(),
    ...[0x10, 0, 0x21, parameters],
    ...[0x41, 0, 0x20, parameters, 0x36, 2, epochWords.result * wordBytes],
    ...[0x41, 0, 0x41, 1, 0x36, 2, epochWords.returned * wordBytes],
    ...[0x20, parameters, 0x0b],
  ]
  return Uint8Array.from([
    ...[0x00, 0x61, 0x73, 0x6d, 1, 0, 0, 0],
    ...section(1, types),
    ...section(2, imports),
    ...section(3, [1, 0]),
    ...section(7, [1, ...name('enter'), 0x00, 1]),
    ...section(10, [1, ...vector(code)]),
    ...section(0, [...name('name'), ...section(1, [1, 1, ...name('bulkhead:meter/enter')])]),
  ])
}

const vector = (items: readonly number[]): number[] => [items.length, ...items]

const section = (id: number, content: readonly number[]): number[] => [id, ...vector(content)]

const name = (text: string): number[] => vector([...new TextEncoder().encode(text)])
