// Runs one scenario in a process of its own. One that leaves a goal out has failed.

import { answerParent } from '../fork.ts'
import { missingGoals } from '../goals.ts'
import { scenarios } from '../scenarios/index.ts'

const [name = ''] = process.argv.slice(2)
const scenario = scenarios[name]
if (scenario === undefined) throw new Error(`there is no scenario "${name}"`)
const measures = await scenario()
const missing = missingGoals(name, measures)
if (missing.length > 0) throw new Error(`the scenario "${name}" did not measure: ${missing.join('; ')}`)
await answerParent(measures)
