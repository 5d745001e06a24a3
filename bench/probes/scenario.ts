// Runs one scenario in a process of its own.

import { answerParent } from '../fork.ts'
import { scenarios } from '../scenarios/index.ts'

const [name = ''] = process.argv.slice(2)
const scenario = scenarios[name]
if (scenario === undefined) throw new Error(`there is no scenario "${name}"`)
await answerParent(await scenario())
