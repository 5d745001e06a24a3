// The benchmark: runs the scenarios one after the other, each in its own process, and reports. Figures are shown, never
// asserted. Exit codes: 0 measured (met or not), 1 a scenario failed, 2 usage.

import { writeFile } from 'node:fs/promises'
import { parseArgs } from 'node:util'
import { runForked } from './fork.ts'
import type { Measure } from './measure.ts'
import { beQuick } from './quick.ts'
import { makePage } from './report/page.ts'
import { describeMachine } from './report/machine.ts'
import { makeTables } from './report/table.ts'
import { scenarios } from './scenarios/index.ts'

const page = new URL('../docs/performance.md', import.meta.url)
const names = Object.keys(scenarios)

interface Arguments {
  readonly json: boolean
  readonly quick: boolean
  /** Scenarios to run; all of them when empty. */
  readonly only: readonly string[]
}

const readArguments = (): Arguments | undefined => {
  try {
    const { values } = parseArgs({
      options: { json: { type: 'boolean' }, quick: { type: 'boolean' }, only: { type: 'string', multiple: true } },
    })
    const { json = false, quick = false, only = [] } = values
    const unknown = only.find((name) => !names.includes(name))
    if (unknown === undefined) return { json, quick, only }
    console.error(`There is no scenario "${unknown}"; there are ${names.join(', ')}.`)
  } catch (thrown) {
    console.error((thrown as Error).message)
  }
  console.error('Usage: npm run bench -- [--json] [--quick] [--only <scenario>]…')
  return undefined
}

const run = async (chosen: readonly string[]): Promise<{ measures: Measure[]; failed: boolean }> => {
  const measures: Measure[] = []
  let failed = false
  for (const name of chosen) {
    const startedAt = performance.now()
    try {
      measures.push(...(await runForked<Measure[]>(new URL('./probes/scenario.ts', import.meta.url), [name])))
      console.error(`${name}: ${((performance.now() - startedAt) / 1000).toFixed(1)} s`)
    } catch (thrown) {
      failed = true
      console.error(`${name} failed: ${(thrown as Error).message}`)
    }
  }
  return { measures, failed }
}

const options = readArguments()
if (options === undefined) process.exitCode = 2
else {
  const { json, quick, only } = options
  if (quick) beQuick()
  const { measures, failed } = await run(only.length === 0 ? names : only)
  if (json) console.log(JSON.stringify({ measures }, null, 2))
  else {
    console.log([...describeMachine(), '', makeTables(measures)].join('\n'))
    if (only.length === 0 && !quick && !failed) {
      await writeFile(page, makePage(measures, new Date()))
      console.error('Written to docs/performance.md.')
    }
  }
  if (failed) process.exitCode = 1
}
