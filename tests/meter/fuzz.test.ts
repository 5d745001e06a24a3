// A short run of the meter's fuzzers from fixed seeds, and every seed that ever found something (seeds.json). Longer runs:
// docs/how-to/fuzzing.md.

import { readFileSync } from 'node:fs'
import { expect, test } from 'vitest'
import { engine } from '../../packages/meter/fuzz/engine.ts'
import { generateModule } from '../../packages/meter/fuzz/generate.ts'
import { trySeed } from '../../packages/meter/fuzz/lane.ts'
import { makeTally, type Oracle } from '../../packages/meter/fuzz/report.ts'

const oracles: readonly Oracle[] = ['differential', 'termination', 'mutation']
const seeds = JSON.parse(readFileSync(new URL('seeds.json', import.meta.url), 'utf8')) as Record<Oracle, number[]>

const counts: Readonly<Record<Oracle, number>> = { differential: 250, termination: 400, mutation: 60 }

test.each(oracles)('%s: a run of fixed seeds finds nothing', async (oracle) => {
  const tally = makeTally()
  for (let seed = 50_000; seed < 50_000 + counts[oracle]; seed++) {
    expect(await trySeed(oracle, seed, tally)).toBeUndefined()
  }
  // A run that compares nothing, ends nobody or damages everything beyond use would find nothing as well.
  if (oracle === 'differential') expect(tally.calls).toBeGreaterThan(counts[oracle] * 10)
  if (oracle === 'differential') expect(Math.min(tally.interrupts, tally.pauses)).toBeGreaterThan(counts[oracle])
  if (oracle === 'termination') expect(tally.ended).toBeGreaterThan(counts[oracle] / 4)
  if (oracle === 'mutation') expect(tally.valid).toBeGreaterThan(counts[oracle])
})

test.each(oracles)('%s: seeds that found something find nothing any more', async (oracle) => {
  for (const seed of seeds[oracle]) expect(await trySeed(oracle, seed, makeTally())).toBeUndefined()
})

test('a seed always makes the same valid module', () => {
  for (let seed = 0; seed < 200; seed++) {
    const { bytes } = generateModule(seed)
    expect(engine.validate(bytes), `seed ${seed}`).toBe(true)
    expect(generateModule(seed).bytes).toEqual(bytes)
  }
})
