// Modules through which JavaScript calls what it cannot call itself, or not without changing bits: vectors as two i64,
// floats as integers, exceptions as whether they are null.

import { Bytes } from '../../../packages/meter/fuzz/bytes.ts'
import { engine, type WasmModule } from '../../../packages/meter/fuzz/engine.ts'

const codes: Readonly<Record<string, number>> = { i32: 0x7f, i64: 0x7e, f32: 0x7d, f64: 0x7c, v128: 0x7b, exnref: 0x69 }
const carriers: Readonly<Record<string, readonly number[]>> = {
  i32: [0x7f],
  i64: [0x7e],
  f32: [0x7f],
  f64: [0x7e],
  v128: [0x7e, 0x7e],
  exnref: [0x7f],
}
const i64x2 = { splat: [0xfd, 18], extract: [0xfd, 29], replace: [0xfd, 30] } as const

const modules = new Map<string, WasmModule>()

/** A function that takes and gives integers alone. */
export type Adapted = (...args: readonly unknown[]) => unknown

/** Adapts a function; undefined when it has another type. Types as the test suite names them. */
export const adapt = (run: unknown, parameters: readonly string[], results: readonly string[]): Adapted | undefined => {
  const key = `${parameters.join()}>${results.join()}`
  const module = modules.get(key) ?? new engine.Module(makeAdapter(parameters, results))
  modules.set(key, module)
  try {
    return new engine.Instance(module, { '': { run } }).exports['run'] as Adapted
  } catch (thrown) {
    if (thrown instanceof engine.LinkError) return undefined
    throw thrown
  }
}

const makeAdapter = (parameters: readonly string[], results: readonly string[]): Uint8Array => {
  const type = (takes: readonly number[], gives: readonly number[]): number[] => [
    0x60,
    takes.length,
    ...takes,
    gives.length,
    ...gives,
  ]
  const plain = (types: readonly string[]): number[] => types.map((name) => codes[name] as number)
  const carried = (types: readonly string[]): number[] => types.flatMap((name) => [...(carriers[name] as number[])])
  const code = new Bytes()
  let local = 0
  const get = (): Bytes => code.raw(0x20).u32(local++)
  for (const name of parameters) {
    get()
    if (name === 'f32') code.raw(0xbe)
    else if (name === 'f64') code.raw(0xbf)
    else if (name === 'v128') {
      code.raw(...i64x2.splat)
      get()
      code.raw(...i64x2.replace, 1)
    }
  }
  code.raw(0x10, 0)
  const own = results.map((name, index) => ({ name, local: local + index }))
  for (const { local: target } of [...own].reverse()) code.raw(0x21).u32(target)
  for (const { name, local: source } of own) {
    code.raw(0x20).u32(source)
    if (name === 'f32') code.raw(0xbc)
    else if (name === 'f64') code.raw(0xbd)
    else if (name === 'exnref') code.raw(0xd1)
    else if (name === 'v128')
      code
        .raw(...i64x2.extract, 0, 0x20)
        .u32(source)
        .raw(...i64x2.extract, 1)
  }
  code.raw(0x0b)
  const locals = new Bytes().u32(results.length)
  for (const name of results) locals.raw(1, codes[name] as number)
  const body = locals.append(code)
  return new Bytes()
    .raw(0, 0x61, 0x73, 0x6d, 1, 0, 0, 0)
    .section(
      1,
      new Bytes().raw(2, ...type(plain(parameters), plain(results)), ...type(carried(parameters), carried(results))),
    )
    .section(2, new Bytes().raw(1, 0).name('run').raw(0, 0))
    .section(3, new Bytes().raw(1, 1))
    .section(7, new Bytes().raw(1).name('run').raw(0, 1))
    .section(10, new Bytes().raw(1).u32(body.length).append(body))
    .taken()
}
