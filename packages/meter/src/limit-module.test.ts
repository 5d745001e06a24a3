import fc from 'fast-check'
import { expect, test } from 'vitest'
import wabtInit from 'wabt'
import { growDeniedExport, limitModule, type ModuleLimits } from './index.ts'

const wabt = await wabtInit()
const limits: ModuleLimits = { maxMemoryPages: 10, maxTableElements: 100, maxModuleBytes: 1_000_000 }

const build = (text: string): Uint8Array => {
  using parsed = Object.assign(wabt.parseWat('test.wat', text, { exceptions: true, threads: true, memory64: true }), {
    [Symbol.dispose](this: { destroy(): void }) {
      this.destroy()
    },
  })
  return new Uint8Array(parsed.toBinary({ write_debug_names: true }).buffer)
}

const limited = (bytes: Uint8Array) => {
  const result = limitModule(bytes, limits)
  if (!result.ok) throw new Error(`${result.fault.code}: ${result.fault.message}`)
  return result.module
}

const faultOf = (bytes: Uint8Array): string => {
  const result = limitModule(bytes, limits)
  return result.ok ? 'none' : `${result.fault.code}: ${result.fault.message}`
}

/** Bytes of a module with the given sections. */
const module = (...sections: readonly (readonly [number, readonly number[]])[]): Uint8Array =>
  Uint8Array.from([0, 0x61, 0x73, 0x6d, 1, 0, 0, 0, ...sections.flatMap(([id, body]) => [id, body.length, ...body])])

const wasm = (
  globalThis as unknown as {
    WebAssembly: {
      Module: new (bytes: Uint8Array) => object
      Instance: new (module: object, imports?: object) => { exports: Record<string, unknown> }
    }
  }
).WebAssembly
const instantiate = (bytes: Uint8Array, imports: object = {}) =>
  new wasm.Instance(new wasm.Module(bytes), imports).exports

test('the engine enforces the capped maximum of a memory', () => {
  const { bytes, ownMemory } = limited(
    build(
      '(module (memory (export "memory") 1) (func (export "grow") (param i32) (result i32) (memory.grow (local.get 0))))',
    ),
  )
  expect(ownMemory).toEqual({ min: 1, max: 10 })
  const { grow } = instantiate(bytes) as { grow: (pages: number) => number }
  expect(grow(9)).toBe(1)
  expect(grow(1)).toBe(-1)
})

test('a lower maximum of its own stays, a minimum above the limit is refused', () => {
  expect(limited(build('(module (memory 1 3))')).ownMemory).toEqual({ min: 1, max: 3 })
  expect(faultOf(build('(module (memory 11))'))).toMatch('limit.memory: the module needs 11 pages')
})

test('tables share their limit and keep their minimums', () => {
  const { bytes } = limited(
    build(
      '(module (table (export "a") 10 funcref) (table (export "b") 20 1000 externref) (func (export "grow") (param i32) (result i32) (table.grow 1 (ref.null extern) (local.get 0))))',
    ),
  )
  const { grow } = instantiate(bytes) as { grow: (elements: number) => number }
  expect(grow(35)).toBe(20)
  expect(grow(1)).toBe(-1)
  expect(faultOf(build('(module (table 101 funcref))'))).toMatch('limit.memory: the module needs 101 table elements')
})

test('exports come with their arities, imports of memories are told', () => {
  const found = limited(
    build(
      '(module (import "env" "memory" (memory 2 5)) (import "a" "b" (func (param i64))) (func (export "f") (param i32 i32) (result i32) (i32.const 0)) (func $s) (start $s))',
    ),
  )
  expect(found).toMatchObject({
    importedMemory: { min: 2, max: 5 },
    ownMemory: undefined,
    hasStart: true,
    functionExports: [{ name: 'f', parameters: 2, results: 1 }],
  })
})

test('function names survive, other custom sections go', () => {
  const bytes = build('(module (func $named_function))')
  const withExtra = Uint8Array.from([...bytes, 0, 6, 4, 0x65, 0x76, 0x69, 0x6c, 0x21])
  const text = new TextDecoder('latin1').decode(limited(withExtra).bytes)
  expect(text).toMatch('named_function')
  expect(text).not.toMatch('evil')
})

test.for([
  ['a struct type', module([1, [1, 0x5f, 0]]), 'artifact.feature: the module uses garbage-collected types'],
  ['an array type', module([1, [1, 0x5e, 0x7f, 0]]), 'artifact.feature: the module uses garbage-collected types'],
  ['a recursion group', module([1, [1, 0x4e, 0]]), 'artifact.feature'],
  ['a subtype', module([1, [1, 0x50, 0, 0x60, 0, 0]]), 'artifact.feature'],
  ['a continuation type', module([1, [1, 0x5d, 0]]), 'artifact.feature: the module uses continuation types'],
  ['anyref in a signature', module([1, [1, 0x60, 1, 0x6e, 0]]), 'artifact.feature'],
  ['a table of anyref', module([4, [1, 0x6e, 0, 1]]), 'artifact.feature'],
  ['a table of exceptions', module([4, [1, 0x69, 0, 1]]), 'artifact.feature: the module has a table of exceptions'],
  [
    'a table of (ref null exn)',
    module([4, [1, 0x63, 0x69, 0, 1]]),
    'artifact.feature: the module has a table of exceptions',
  ],
  ['an imported table of exceptions', module([2, [1, 1, 0x61, 1, 0x62, 1, 0x69, 0, 1]]), 'artifact.feature'],
  [
    'a global of an exception',
    module([6, [1, 0x69, 1, 0xd0, 0x69, 0x0b]]),
    'artifact.feature: the module has a global',
  ],
  ['a 64-bit table', module([4, [1, 0x70, 4, 1]]), 'artifact.feature: the module uses a 64-bit table'],
  ['shared memory', build('(module (memory 1 2 shared))'), 'artifact.feature: the module uses a shared memory'],
  ['64-bit memory', build('(module (memory i64 1))'), 'artifact.feature: the module uses a 64-bit memory'],
  ['custom page sizes', module([5, [1, 8, 1, 0]]), 'artifact.feature: the module uses custom page sizes'],
  ['two memories', build('(module (memory 1) (memory 1))'), 'artifact.feature: the module has more than one memory'],
  [
    'a memory imported and one of its own',
    build('(module (import "a" "b" (memory 1)) (memory 1))'),
    'artifact.feature',
  ],
  [
    'a reserved namespace',
    build('(module (import "bulkhead:meter/x" "y" (func)))'),
    'artifact.feature: the module imports from bulkhead:meter',
  ],
  [
    'exceptions of many values',
    build(`(module (tag (param ${'i64 '.repeat(17)})))`),
    'artifact.feature: the module has exceptions of 17 values',
  ],
  ['a component', Uint8Array.from([0, 0x61, 0x73, 0x6d, 0x0d, 0, 1, 0]), 'artifact.feature: the file is a component'],
  ['an unknown version', Uint8Array.from([0, 0x61, 0x73, 0x6d, 2, 0, 0, 0]), 'artifact.invalid'],
  ['text', new TextEncoder().encode('(module)'), 'artifact.not-wasm'],
  ['nothing', new Uint8Array(), 'artifact.not-wasm'],
  ['sections out of order', module([3, [0]], [1, [0]]), 'artifact.invalid: the type section is out of order'],
  ['a section twice', module([1, [0]], [1, [0]]), 'artifact.invalid: the type section is out of order or stands twice'],
  ['an unknown section', module([77, [0]]), 'artifact.invalid'],
  ['a section with a tail', module([5, [0, 0]]), 'artifact.invalid: the memory section is longer'],
  ['a number that is too long', module([1, [0x80, 0x80, 0x80, 0x80, 0x10]]), 'artifact.invalid'],
  ['a count beyond its section', module([1, [0xff, 0x01]]), 'artifact.invalid'],
  ['too many bytes', new Uint8Array(1_000_001).fill(0).with(1, 0x61).with(2, 0x73).with(3, 0x6d), 'artifact.too-large'],
] as const)('%s is refused', ([, bytes, expected]) => {
  expect(faultOf(bytes)).toMatch(expected)
})

const real = build(`(module
  (import "extism:host/env" "alloc" (func (param i64) (result i64)))
  (memory (export "memory") 1)
  (table 4 funcref) (global $g (mut i32) (i32.const 7))
  (elem (i32.const 0) 1) (data (i32.const 8) "hello")
  (func $run (export "run") (result i32) (global.get $g)))`)

test('a module cut off anywhere is refused, or still whole', () => {
  for (let length = 0; length < real.length; length++) {
    const result = limitModule(real.slice(0, length), limits)
    if (!result.ok) expect(result.fault.code).toMatch(/^artifact\.(invalid|not-wasm)$/)
  }
})

test('a module that grows its memory is cut off anywhere without harm', () => {
  const whole = build(growing)
  for (let length = 0; length < whole.length; length++) {
    const result = limitModule(whole.slice(0, length), limits)
    if (!result.ok) expect(result.fault.code).toMatch(/^artifact\.(invalid|not-wasm|feature)$/)
  }
})

test('what the meter accepts and the engine accepts is capped, whatever the bytes', () => {
  fc.assert(
    fc.property(
      fc.array(fc.tuple(fc.nat({ max: real.length - 1 }), fc.nat({ max: 255 })), { maxLength: 4 }),
      (edits) => {
        const bytes = real.slice()
        for (const [at, value] of edits) bytes[at] = value
        const result = limitModule(bytes, limits)
        if (!result.ok) return
        expect(result.module.ownMemory?.max ?? 0).toBeLessThanOrEqual(10)
      },
    ),
    { numRuns: 2000 },
  )
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 200 }), (tail) => {
      limitModule(Uint8Array.from([0, 0x61, 0x73, 0x6d, 1, 0, 0, 0, ...tail]), limits)
    }),
    { numRuns: 2000 },
  )
})

const growing = `(module (import "a" "g" (global i32)) (memory 1)
  (func $f (param i32) (result i32) (local i64 f64)
    (block (br_table 0 0 (local.get 0)))
    (drop (i64.const 64)) (drop (i32.const 0x40)) (drop (f64.const 2))
    (if (result i32) (i32.load8_u offset=64 (i32.const 0))
      (then (memory.grow (local.get 0)))
      (else (memory.grow (local.get 0)))))
  (func $g (param i32) (result i32) (call $f (local.get 0)))
  (export "grow" (func $g)))`

test('a refused growth is noted in the added global, and nothing else changes', () => {
  const exports = instantiate(limited(build(growing)).bytes, { a: { g: 7 } }) as {
    grow: (pages: number) => number
    [growDeniedExport]: { value: number }
  }
  expect(exports.grow(3)).toBe(1)
  expect(exports[growDeniedExport].value).toBe(0)
  expect(exports.grow(100)).toBe(-1)
  expect(exports[growDeniedExport].value).toBe(1)
  expect(exports.grow(6)).toBe(4)
})

test('a module cannot bring the added export itself', () => {
  const bytes = build(`(module (global (export "${growDeniedExport}") i32 (i32.const 0)))`)
  expect(faultOf(bytes)).toMatch('artifact.feature: the module exports bulkhead:meter')
})

test('instructions of every kind are stepped over', () => {
  const bytes =
    build(`(module (memory 1) (table 1 funcref) (type $t (func)) (tag $e (param i32)) (data $d "x") (elem $s func $f)
    (func $f (param v128) (local funcref)
      (local.set 1 (ref.func $f)) (drop (ref.is_null (ref.null func)))
      (drop (select (result i32) (i32.const 1) (i32.const 2) (i32.const 0)))
      (try (do (throw $e (i32.const 1))) (catch $e drop) (catch_all))
      (call_indirect (type $t) (i32.const 0))
      (drop (i8x16.shuffle 0 1 2 3 4 5 6 7 8 9 10 11 12 13 14 15 (local.get 0) (local.get 0)))
      (drop (i8x16.extract_lane_s 3 (local.get 0)))
      (drop (v128.load32_lane 2 (i32.const 0) (local.get 0)))
      (drop (v128.load64_zero (i32.const 0))) (drop (v128.const i32x4 1 2 3 0x40))
      (memory.init $d (i32.const 0) (i32.const 0) (i32.const 0)) (data.drop $d)
      (memory.copy (i32.const 0) (i32.const 0) (i32.const 0)) (memory.fill (i32.const 0) (i32.const 0) (i32.const 0))
      (table.init $s (i32.const 0) (i32.const 0) (i32.const 0)) (elem.drop $s)
      (drop (table.grow 0 (ref.null func) (i32.const 0))) (drop (i32.trunc_sat_f64_s (f64.const 1)))
      (drop (memory.grow (memory.size)))))`)
  expect(() => new wasm.Module(limited(bytes).bytes)).not.toThrow()
})
