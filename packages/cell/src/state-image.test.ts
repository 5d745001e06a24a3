import { expect, test } from 'vitest'
import { StateImage } from './state-image.ts'
import { type WasmMemory, webAssembly } from './web-assembly.ts'

const pages = 4
const bytes = pages * 65_536

/** As instantiating leaves it: a data segment here and there. */
const makeFresh = (): WasmMemory => {
  const memory = new webAssembly.Memory({ initial: pages, maximum: pages })
  const view = new Uint8Array(memory.buffer)
  view.fill(7, 100, 200)
  view.fill(7, 100_000, 110_000)
  view[bytes - 1] = 7
  return memory
}
const viewOf = (memory: WasmMemory): Uint8Array => new Uint8Array(memory.buffer)

/** States of a guest that started up: it wrote, and it cleared what its data segments had written. */
const start = () => {
  const memory = makeFresh()
  const view = viewOf(memory)
  view.fill(0, 100_000, 110_000)
  view[bytes - 1] = 0
  view.fill(3, 20_000, 30_000)
  const base = new StateImage([memory], [])
  view.fill(5, 25_000, 26_000)
  view.fill(5, 200_000, 200_100)
  return { memory, base }
}

test.each([false, true])('a fresh instance gets the whole state, above a base: %s', (hasBase) => {
  const { memory, base } = start()
  const image = new StateImage([memory], [], hasBase ? base : undefined)
  for (let turn = 0; turn < 3; turn++) {
    const fresh = makeFresh()
    expect(image.restore([fresh], [], true)).toBeLessThan(bytes / 4)
    expect(Buffer.compare(viewOf(fresh), viewOf(memory))).toBe(0)
  }
})

test.each([false, true])('an instance that served gets the whole state, above a base: %s', (hasBase) => {
  const { memory, base } = start()
  const image = new StateImage([memory], [], hasBase ? base : undefined)
  const served = makeFresh()
  // Also after a fresh one was seen, of which less has to be cleared.
  image.restore([makeFresh()], [], true)
  viewOf(served).fill(9)
  image.restore([served], [])
  expect(Buffer.compare(viewOf(served), viewOf(memory))).toBe(0)
})

test.each([false, true])(
  'a memory that grew at the start grows in a fresh instance, addresses of 64 bits: %s',
  (is64) => {
    const make = (): WasmMemory =>
      is64
        ? new webAssembly.Memory({ initial: 1n, maximum: 3n, address: 'i64', shared: false })
        : new webAssembly.Memory({ initial: 1, maximum: 3 })
    const memory = make()
    memory.grow(is64 ? 2n : 2)
    viewOf(memory).fill(7, 150_000, 150_100)
    const image = new StateImage([memory], [])
    const fresh = make()
    image.restore([fresh], [], true)
    expect(Buffer.compare(viewOf(fresh), viewOf(memory))).toBe(0)
  },
)
