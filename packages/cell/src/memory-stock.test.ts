import { expect, test } from 'vitest'
import { MemoryStock } from './memory-stock.ts'
import { TurnTimers } from './timers.ts'
import type { WasmMemory } from './web-assembly.ts'

const pageBytes = 65_536
const pages = { min: 2, max: 8 }

const open = () => {
  const discarded: number[] = []
  const timers = new TurnTimers()
  return { stock: new MemoryStock({ timers, noteDiscarded: (bytes) => discarded.push(bytes) }), timers, discarded }
}

const fill = (memory: WasmMemory, from = 0): void => void new Uint8Array(memory.buffer).fill(1, from)
const isZero = (memory: WasmMemory): boolean => new Uint8Array(memory.buffer).every((byte) => byte === 0)

test.each([true, false])('a memory that serves again holds zeros alone, tidied before: %s', (isTidied) => {
  const { stock, discarded } = open()
  const memory = stock.make(pages)
  fill(memory)
  stock.drop(memory, true)
  if (isTidied) expect([stock.tidy(), isZero(memory), stock.tidy()]).toEqual([true, true, false])
  expect(stock.make(pages)).toBe(memory)
  expect(isZero(memory)).toBe(true)
  expect(discarded).toEqual([])
})

test('a memory of an instance that may still run, that grew, or that others made never serves again', () => {
  const { stock, discarded } = open()
  const running = stock.make(pages)
  stock.drop(running, false)
  // Nor when somebody says later that it is over.
  stock.drop(running, true)
  const grown = stock.make(pages)
  grown.grow(1)
  stock.drop(grown, true)
  const next = stock.make(pages)
  expect([running, grown]).not.toContain(next)
  expect(next.buffer.byteLength).toBe(2 * pageBytes)
  expect(discarded).toEqual([2 * pageBytes, 2 * pageBytes, 3 * pageBytes])
})

test('a memory serves one instance at a time, however often it is given up', () => {
  const { stock } = open()
  const memory = stock.make(pages)
  stock.drop(memory, true)
  stock.drop(memory, true)
  expect(stock.make(pages)).toBe(memory)
  expect(stock.make(pages)).not.toBe(memory)
})

test('a memory serves only with the bounds that it was made with', () => {
  const { stock } = open()
  const memory = stock.make(pages)
  stock.drop(memory, true)
  expect(stock.make({ min: 2, max: 9 })).not.toBe(memory)
  expect(stock.make({ min: 1, max: 8 })).not.toBe(memory)
  expect(() => memory.grow(7)).toThrow(RangeError)
})

test('what is kept is bounded, all together and each', () => {
  const { stock, discarded } = open()
  const large = { min: 65, max: 65 }
  const of64 = { min: 64, max: 64 }
  const kept = Array.from({ length: 10 }, () => stock.make(of64))
  for (const memory of kept) stock.drop(memory, true)
  expect(discarded).toEqual([64 * pageBytes, 64 * pageBytes])
  stock.drop(stock.make(large), true)
  expect(discarded.at(-1)).toBe(65 * pageBytes)
  const again = Array.from({ length: 10 }, () => stock.make(of64))
  expect(again.filter((memory) => kept.includes(memory)).length).toBe(8)
})

test('what nobody uses is let go of after a time', () => {
  const { stock, timers, discarded } = open()
  expect(timers.untilNextMs).toBe(Number.POSITIVE_INFINITY)
  stock.drop(stock.make(pages), true)
  expect(timers.untilNextMs).toBeLessThanOrEqual(10_000)
  stock[Symbol.dispose]()
  expect(timers.untilNextMs).toBe(Number.POSITIVE_INFINITY)
  expect(discarded).toEqual([])
})
