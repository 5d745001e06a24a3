// The suite that every runtime passes: registers one test for each case and boundary. What a tier cannot do yet stands in
// its skip list, and each line of that gives its reason.

import { type Boundary, boundaries, type Runtime } from '@bulkhead/kernel'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import type { ConformanceFixture } from './behaviour.ts'
import { type Bench, makeBench } from './bench.ts'
import type { ConformanceCase } from './case.ts'
import { endingCases } from './cases-endings.ts'
import { hostCallCases } from './cases-host-calls.ts'
import { limitCases } from './cases-limits.ts'
import { valueCases } from './cases-values.ts'
import { cellThreads } from './threads-node.ts'

const cases = { ...valueCases, ...hostCallCases, ...limitCases, ...endingCases }

/** The name of a case. */
export type CaseName = keyof typeof cases

/** Case, or `<boundary>: <case>`, → why it does not hold there. */
export type SkipList = Readonly<Partial<Record<CaseName | `${Boundary}: ${CaseName}`, string>>>

/** One tier under test. */
export interface RuntimeUnderTest {
  readonly name: string
  open(): Runtime | Promise<Runtime>
  /** The artifact with all behaviours; see behaviour.ts. */
  fixture(): ConformanceFixture | Promise<ConformanceFixture>
  /** What the tier holds open in this process by its own count; threads of cells are counted besides. */
  leftovers(): number
  /** `thread` and `inline` when absent. */
  readonly boundaries?: readonly Boundary[]
  /** Boundaries that it has and that are put to the test elsewhere. */
  readonly elsewhere?: readonly Boundary[]
  readonly skip?: SkipList
}

/** Registers the suite for one tier. Call it at the top level of a test file. */
export const runtimeConformance = (tier: RuntimeUnderTest): void => {
  const leftovers = (): number => tier.leftovers() + cellThreads()
  const offered = tier.boundaries ?? ['thread', 'inline']
  for (const boundary of offered) {
    describe(`${tier.name}, ${boundary}`, () => {
      let runtime: Runtime
      let bench: Bench
      beforeAll(async () => {
        runtime = await tier.open()
        bench = makeBench(runtime, await tier.fixture(), { boundary, leftovers })
      })
      afterAll(() => runtime[Symbol.asyncDispose]())

      for (const [name, { title, run }] of Object.entries(cases) as [CaseName, ConformanceCase][]) {
        const why = tier.skip?.[`${boundary}: ${name}`] ?? tier.skip?.[name]
        const note = why === undefined ? title : `skipped, for ${why}`
        test.skipIf(why !== undefined)(`${name}: ${note}`, () => run(bench))
      }
    })
  }

  test(`${tier.name}: disposing the runtime unloads what it loaded`, async () => {
    const before = leftovers()
    const runtime = await tier.open()
    const bench = makeBench(runtime, await tier.fixture(), { boundary: offered[0] ?? 'thread', leftovers })
    const plugin = await bench.load()
    await runtime[Symbol.asyncDispose]()
    await expect.poll(leftovers, { timeout: 5000 }).toBeLessThanOrEqual(before)
    await expect(plugin.call('echo', 1)).rejects.toMatchObject({ code: 'host.closed' })
    await expect(bench.load()).rejects.toMatchObject({ code: 'host.closed' })
  })

  test.each(
    boundaries.filter((boundary) => !offered.includes(boundary) && tier.elsewhere?.includes(boundary) !== true),
  )(`${tier.name}: the boundary %s, which it does not have, is refused and never replaced`, async (boundary) => {
    await using runtime = await tier.open()
    const bench = makeBench(runtime, await tier.fixture(), { boundary, leftovers })
    await expect(bench.load()).rejects.toMatchObject({ code: 'runtime.missing' })
  })
}
