// `npm run bench`: builds, measures, prints the table and writes it to docs/performance.md. With `--json` it prints one
// document instead and writes nothing; `--only <scenario>` measures one scenario, `--quick` takes few samples of each and writes
// nothing. Plain enough for an old Node to refuse.

import { spawnSync } from 'node:child_process'
import process from 'node:process'
import { fileURLToPath } from 'node:url'
import { requireNode } from '../scripts/require-node.js'

requireNode()

const build = fileURLToPath(new URL('../scripts/build.js', import.meta.url))
// Standard output is the report's: what the build says goes to standard error.
if (spawnSync(process.execPath, [build], { stdio: ['ignore', 2, 2] }).status === 0) await import('./main.ts')
else {
  console.error('The build failed (see above), and there is nothing to measure.')
  process.exitCode = 1
}
