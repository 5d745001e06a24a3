// A check on interpreters/: that each module is the one whose checksum stands beside it, and that what it is built from is what it
// was built from. Builds nothing; tests/interpreters.test.ts does, where the tools are there.

import { createHash } from 'node:crypto'
import { existsSync, readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { hashInputs } from '../../interpreters/inputs.js'
import { rootFolder } from './run-tool.js'

const folder = join(rootFolder, 'interpreters')

const faultsOf = (name) => {
  const here = join(folder, name)
  const faults = []
  const sums = readdirSync(here).filter((file) => file.endsWith('.wasm.sha256'))
  if (sums.length === 0) faults.push(`interpreters/${name} has no module with a checksum`)
  for (const sum of sums) {
    const [expected, file] = readFileSync(join(here, sum), 'utf8').trim().split(/\s+/)
    const found = createHash('sha256')
      .update(readFileSync(join(here, file)))
      .digest('hex')
    if (found !== expected) faults.push(`interpreters/${name}/${file} is not the module of its checksum; build it anew`)
  }
  const provenance = join(here, 'provenance.json')
  if (!existsSync(provenance)) return faults
  const { inputs, built } = JSON.parse(readFileSync(provenance, 'utf8'))
  if (hashInputs(here, inputs) !== built) {
    faults.push(`interpreters/${name} changed after it was built: node interpreters/${name}/build.js`)
  }
  return faults
}

/** @returns {string[]} faults */
export const checkInterpreters = () =>
  readdirSync(folder, { withFileTypes: true })
    .filter((entry) => entry.isDirectory() && existsSync(join(folder, entry.name, 'build.js')))
    .flatMap(({ name }) => faultsOf(name))
