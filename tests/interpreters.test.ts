// The committed interpreters are what their sources give: each is built anew and compared, where the tools with which it was
// built are there. `npm run check` compares checksums everywhere.

import { spawnSync } from 'node:child_process'
import { existsSync, readdirSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { expect, test } from 'vitest'

const folder = fileURLToPath(new URL('../interpreters/', import.meta.url))
const names = readdirSync(folder).filter((name) => existsSync(`${folder}${name}/build.js`))

/** Exit code of a build without its tools or its source. */
const cannot = 3

test.for(names)('%s', { timeout: 900_000 }, (name, { skip }) => {
  const { status, stdout, stderr } = spawnSync(process.execPath, [`${folder}${name}/build.js`, '--check'], {
    encoding: 'utf8',
  })
  if (status === cannot) skip(`not built anew: ${stdout.trim()}`)
  expect(`${status} ${stdout}${stderr}`).toMatch(/^0 \S+\.wasm is what its sources give\.\n$/)
})
