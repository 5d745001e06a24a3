// The fuzzers' own judges: each must speak up for a fault made on purpose, or hours of fuzzing would mean nothing.

import { expect, test } from 'vitest'
import { compare } from '../../packages/meter/fuzz/differential.ts'
import { endlessConstructs, endlessModule } from '../../packages/meter/fuzz/endless.ts'
import { engine } from '../../packages/meter/fuzz/engine.ts'
import { generateModule } from '../../packages/meter/fuzz/generate.ts'
import { meterOrThrow } from '../../packages/meter/fuzz/metering.ts'
import { judgeOutput } from '../../packages/meter/fuzz/mutation.ts'
import { type Outcome, runMetered, runPlain, ways } from '../../packages/meter/fuzz/runs.ts'

const outcome = (log: readonly string[], memory: readonly number[]): Outcome => ({
  log,
  memories: [Uint8Array.from(memory)],
  registers: undefined,
  hasOverflown: false,
})

test('a line, a memory, a byte that differ are told', () => {
  const plain = outcome(['f0: i32 1'], [1, 2, 3])
  expect(compare(plain, outcome(['f0: i32 1'], [1, 2, 3]))).toBeUndefined()
  expect(compare(plain, outcome(['f0: i32 2'], [1, 2, 3]))).toContain('line 0')
  expect(compare(plain, outcome([], [1, 2, 3]))).toContain('line 0')
  expect(compare(plain, outcome(['f0: i32 1', 'f1: '], [1, 2, 3]))).toContain('additional')
  expect(compare(plain, outcome(['f0: i32 1'], [1, 9, 3]))).toContain('byte 1')
  expect(compare(plain, outcome(['f0: i32 1'], [1, 2]))).toContain('memory 0')
})

test('a module that computes something else is noticed', async () => {
  // Every sum becomes an exclusive or. The code that bounds a module's work has none.
  let noticed = 0
  for (let seed = 0; seed < 150; seed++) {
    const module = generateModule(seed)
    const metered = meterOrThrow(module.bytes)
    const changed = metered.bytes.slice()
    for (const [at, byte] of changed.entries()) if (byte === 0x6a) changed[at] = 0x73
    if (!engine.validate(changed)) continue
    const compiled = new engine.Module(changed)
    const [way] = ways
    if (way === undefined) continue
    const difference = compare(await runPlain(module, true), await runMetered(module, { metered, compiled, way }, true))
    if (difference !== undefined) noticed++
  }
  expect(noticed).toBeGreaterThan(10)
})

test('additional imports and exports are noticed', () => {
  const [first, second] = endlessConstructs.map((construct) => endlessModule(construct))
  if (first === undefined || second === undefined) throw new Error('there are no constructs')
  expect(judgeOutput(first, meterOrThrow(first).bytes)).toBeUndefined()
  const other = generateModule(3).bytes
  expect(judgeOutput(first, meterOrThrow(other).bytes)).toMatch(/the (imports|exports) differ/u)
  expect(judgeOutput(first, Uint8Array.of(0))).toContain('what the engine refuses')
})

test.each(endlessConstructs)('$name is valid and comes from one construct', (construct) => {
  const bytes = endlessModule(construct)
  expect(() => new engine.Module(bytes)).not.toThrow()
  expect(judgeOutput(bytes, meterOrThrow(bytes).bytes)).toBeUndefined()
})
