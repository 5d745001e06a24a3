// One instruction that moves as much as a guest may have, over and over, on a thread that others share: their calls are
// answered, and the guest ends by its limit of CPU time. So does one whose start does nothing else.

import { defaultLimits } from '@bulkhead/kernel'
import { afterAll, expect, test } from 'vitest'
import { wat } from '../meter/guest.ts'
import { callWithin, endingOf, idle, openThread, runBeside } from '../meter/one-thread.ts'

const mebibyte = 1024 * 1024
const size = 30 * mebibyte
const pages = size / 65_536
const elements = 90_000
const limits = { ...defaultLimits, memoryBytes: 64 * mebibyte }

const instructions: Readonly<Record<string, string>> = {
  'memory.fill': `(memory.fill (i32.const 0) (i32.const 7) (i32.const ${size}))`,
  'memory.copy forwards': `(memory.copy (i32.const 0) (i32.const 9) (i32.const ${size - 9}))`,
  'memory.copy backwards': `(memory.copy (i32.const 9) (i32.const 0) (i32.const ${size - 9}))`,
  'memory.copy between memories': `(memory.copy 0 1 (i32.const 0) (i32.const 0) (i32.const ${size}))`,
  'memory.init': `(memory.init $d (i32.const 0) (i32.const 0) (i32.const ${mebibyte}))`,
  'memory.grow that is refused': '(drop (memory.grow (i32.const 65536)))',
  'table.fill': `(table.fill $t (i32.const 0) (ref.func $f) (i32.const ${elements}))`,
  'table.copy': `(table.copy $t $u (i32.const 0) (i32.const 0) (i32.const ${elements}))`,
  'table.copy over itself': `(table.copy $t $t (i32.const 1) (i32.const 0) (i32.const ${elements - 1}))`,
  'table.grow that is refused': '(drop (table.grow $t (ref.null func) (i32.const 100000000)))',
}

const declarations = `(memory ${pages}) (memory ${pages}) (data $d "${'x'.repeat(mebibyte)}")
  (table $t ${elements} funcref) (table $u ${elements} funcref) (elem declare func $f) (func $f)`

const thread = openThread()
afterAll(() => thread[Symbol.asyncDispose]())
const neighbour = await thread.load('neighbour', idle)

test.each(Object.entries(instructions))('%s', async (_, instruction) => {
  await using hostile = await thread.load(
    'hostile',
    wat(`(module ${declarations} (func (export "run") (loop $l ${instruction} (br $l))))`),
    { limits },
  )
  expect(await runBeside(hostile, 'run', neighbour)).toBe('call.cancelled')
  expect(await endingOf(callWithin(hostile, 'run', { limits: { ...limits, cpuMs: 30 } }))).toBe('limit.cpu')
})

test.each(Object.entries(instructions))('%s at start', async (_, instruction) => {
  await using hostile = await thread.load(
    'hostile',
    wat(`(module ${declarations} (func $s (loop $l ${instruction} (br $l))) (start $s) (func (export "run")))`),
    { limits },
  )
  expect(await runBeside(hostile, 'run', neighbour)).toBe('call.cancelled')
  expect(await endingOf(callWithin(hostile, 'run', { limits: { ...limits, cpuMs: 30 } }))).toBe('limit.cpu')
})
