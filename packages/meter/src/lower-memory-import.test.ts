import wabt from 'wabt'
import { expect, test } from 'vitest'
import { lowerMemoryImport } from './lower-memory-import.ts'

// The types of the engine stand in the cell, which the meter must not import.
interface Engine {
  readonly Memory: new (size: { initial: number; maximum: number }) => object
  readonly Module: new (bytes: Uint8Array) => object
  readonly Instance: new (module: object, imports: object) => { exports: Record<string, unknown> }
}
const engine = Reflect.get(globalThis, 'WebAssembly') as Engine

const build = async (text: string): Promise<Uint8Array> => (await wabt()).parseWat('t.wat', text).toBinary({}).buffer

test('the module then links with a smaller memory, and is otherwise the same', async () => {
  const bytes = await build(
    '(module (import "a" "f" (func)) (import "a" "memory" (memory 256 32768)) (func (export "size") (result i32) memory.size))',
  )
  const lowered = lowerMemoryImport(bytes, 96)
  expect(lowered).toHaveLength(bytes.length)
  const memory = new engine.Memory({ initial: 96, maximum: 100 })
  const imports = { a: { memory, f: () => {} } }
  const { exports } = new engine.Instance(new engine.Module(lowered), imports)
  expect((exports['size'] as () => number)()).toBe(96)
  expect(() => new engine.Instance(new engine.Module(bytes), imports)).toThrow(/memory/)
})

test.each([
  ['(module)', /imports no memory/],
  ['(module (import "a" "memory" (memory 10)))', /already runs in 10/],
  ['(module (import "a" "g" (global i32)) (import "a" "memory" (memory 256)))', /before anything but functions/],
])('%s is refused', async (text, message) => {
  const bytes = await build(text)
  expect(() => lowerMemoryImport(bytes, 96)).toThrow(message)
})
