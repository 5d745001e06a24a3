// Joins the command line to the process: arguments in, exit code out. Nothing else.

import process from 'node:process'
import { run } from '@bulkhead/cli'

process.exitCode = await run(process.argv.slice(2))
