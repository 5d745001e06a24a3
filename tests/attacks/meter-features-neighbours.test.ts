// What the operator may switch on, turned against the thread that others share: waits for what nobody wakes, atomics and
// arrays without end. Other plugins' calls are answered meanwhile, and the guest ends by its limits.

import { defaultLimits } from '@bulkhead/kernel'
import { afterAll, expect, test } from 'vitest'
import { Bytes } from '../../packages/meter/fuzz/bytes.ts'
import { callWithin, endingOf, idle, openThread, runBeside } from '../meter/one-thread.ts'

const features = { gc: true, threads: true, memory64: true }

const i32 = (value: number): number[] => [0x41, ...new Bytes().signed(value).taken()]
const i64 = (value: number): number[] => [0x42, ...new Bytes().signed(value).taken()]
const loop = (...code: readonly number[]): number[] => [0x03, 0x40, ...code, 0x0c, 0, 0x0b]

/** Types: 0 `[] -> []`, 1 an array of i64, 2 a struct of one i64. One page of shared memory; local 0 holds an array. */
const moduleOf = (code: readonly number[]): Uint8Array => {
  const body = new Bytes().raw(1, 1, 0x63, 1, ...code, 0x0b)
  return new Bytes()
    .raw(0, 0x61, 0x73, 0x6d, 1, 0, 0, 0)
    .section(1, new Bytes().raw(3, 0x60, 0, 0, 0x5e, 0x7e, 1, 0x5f, 1, 0x7e, 1))
    .section(3, new Bytes().raw(1, 0))
    .section(5, new Bytes().raw(1, 3, 1, 1))
    .section(7, new Bytes().raw(1).name('run').raw(0, 0))
    .section(10, new Bytes().raw(1).u32(body.length).append(body))
    .taken()
}

const wait32 = [0xfe, 1, 2, 0, 0x1a]
const wait64 = [0xfe, 2, 3, 0, 0x1a]

const busy: Readonly<Record<string, readonly number[]>> = {
  'waits of no time': loop(...i32(0), ...i32(0), ...i64(0), ...wait32),
  'waits for another value': loop(...i32(0), ...i32(1), ...i64(-1), ...wait32),
  notify: loop(...i32(0), ...i32(1), 0xfe, 0, 2, 0, 0x1a),
  'a lock that nobody gives back': [
    ...i32(0),
    ...i32(1),
    0xfe,
    0x17,
    2,
    0,
    ...loop(...i32(0), ...i32(0), ...i32(1), 0xfe, 0x48, 2, 0, 0x04, 0x40, 0x0c, 1, 0x0b),
  ],
  'array.fill': [
    ...i32(1_000_000),
    0xfb,
    7,
    1,
    0x21,
    0,
    ...loop(0x20, 0, ...i32(0), ...i64(7), ...i32(1_000_000), 0xfb, 16, 1),
  ],
  'array.copy': [
    ...[...i32(1_000_000), 0xfb, 7, 1, 0x21, 0],
    ...loop(0x20, 0, ...i32(1), 0x20, 0, ...i32(0), ...i32(999_999), 0xfb, 17, 1, 1),
  ],
}

const thread = openThread()
afterAll(() => thread[Symbol.asyncDispose]())
const neighbour = await thread.load('neighbour', idle)

test.each(Object.entries(busy))('%s', async (_, code) => {
  await using hostile = await thread.load('hostile', moduleOf(code), { features })
  expect(await runBeside(hostile, 'run', neighbour)).toBe('call.cancelled')
  expect(await endingOf(callWithin(hostile, 'run', { limits: { cpuMs: 30 } }))).toBe('limit.cpu')
})

const waits: Readonly<Record<string, readonly number[]>> = {
  'a wait for ever': [...i32(0), ...i32(0), ...i64(-1), ...wait32],
  'a wait of 64 bits for ever': [...i32(0), ...i64(0), ...i64(-1), ...wait64],
  'a wait of an hour': [...i32(0), ...i32(0), ...i64(3_600_000_000_000), ...wait32],
}

test.each(Object.entries(waits))('%s', async (_, code) => {
  await using hostile = await thread.load('hostile', moduleOf(code), { features })
  expect(await runBeside(hostile, 'run', neighbour)).toBe('call.cancelled')
  expect(await endingOf(callWithin(hostile, 'run', { wallMs: 60 }))).toBe('limit.time')
})

const greedy: Readonly<Record<string, readonly number[]>> = {
  arrays: loop(...i32(100_000), 0xfb, 7, 1, 0x1a),
  'small arrays': loop(...i32(1), 0xfb, 7, 1, 0x1a),
  structs: loop(0xfb, 1, 2, 0x1a),
}

test.each(Object.entries(greedy))('%s without end', async (_, code) => {
  const limits = { ...defaultLimits, memoryBytes: 16 * 1024 * 1024 }
  await using hostile = await thread.load('hostile', moduleOf(code), { features, limits })
  expect(await endingOf(callWithin(hostile, 'run', { limits }))).toBe('limit.memory')
  expect(await callWithin(neighbour, 'fine', {})).toBe('')
})
