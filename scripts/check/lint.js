// The lint check, and its own proof: the planted use of WebAssembly has to be found. The linter knows the bare name;
// a look at the text finds the ways around it through the global object.

import { copyFileSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { rootFolder, runTool } from './run-tool.js'

const planted = 'packages/cell/src/names-the-engine.ts'
const allowed = 'packages/cell/src/web-assembly.ts'
const roundabout = /\.\s*WebAssembly\b|\[\s*['"`]WebAssembly['"`]\s*\]/

/** The planted file lies in an ignored folder, so it is linted in a copy of the house's layout. */
const plantedIsFound = () => {
  const folder = mkdtempSync(join(tmpdir(), 'bulkhead-lint-'))
  try {
    mkdirSync(join(folder, dirname(planted)), { recursive: true })
    copyFileSync(join(rootFolder, '.oxlintrc.json'), join(folder, '.oxlintrc.json'))
    copyFileSync(join(rootFolder, 'scripts/check/planted', planted), join(folder, planted))
    return runTool('oxlint', ['--config', '.oxlintrc.json', planted], folder).join('').includes('no-restricted-globals')
  } finally {
    rmSync(folder, { recursive: true })
  }
}

/** @returns {string[]} faults */
export const checkLint = () => {
  const faults = runTool('oxlint', ['--type-aware', '--deny-warnings', '--format=unix'])
  if (!plantedIsFound()) faults.push(`the planted fault ${planted} was not found by the linter`)
  for (const path of readdirSync(join(rootFolder, 'packages'), { recursive: true, encoding: 'utf8' })) {
    const file = `packages/${path}`
    if (!/\/src\/.*\.ts$/.test(file) || /\.test\.ts$|node_modules|\/dist\//.test(file) || file === allowed) continue
    if (roundabout.test(readFileSync(join(rootFolder, file), 'utf8')))
      faults.push(`${file}: reaches WebAssembly past the cell`)
  }
  return faults
}
