// `npm run check`: every static check, one line each. Prints what failed and nothing of what passed.
// With --summary the last line is `N passed, N failed`, for continuous integration.

import process from 'node:process'
import { requireNode } from './require-node.js'

requireNode()

const { checkDeadCode, checkFormat, checkTypes } = await import('./check/tools.js')
const { checkLint } = await import('./check/lint.js')
const { checkFloors } = await import('./check/floors.js')
const { checkPackages } = await import('./check/packages.js')
const { checkLicences, checkLockfile } = await import('./check/dependencies.js')
const { checkInterpreters } = await import('./check/interpreters.js')
const { checkLinks, checkSizes, checkWords } = await import('./check/texts.js')

const checks = {
  format: checkFormat,
  types: checkTypes,
  lint: checkLint,
  floors: checkFloors,
  'dead code': checkDeadCode,
  packages: checkPackages,
  licences: checkLicences,
  lockfile: checkLockfile,
  'file sizes': checkSizes,
  words: checkWords,
  links: checkLinks,
  interpreters: checkInterpreters,
}

const wanted = process.argv.slice(2).filter((argument) => !argument.startsWith('--'))
const unknown = wanted.filter((name) => !Object.hasOwn(checks, name))
if (unknown.length > 0) {
  console.error(`There is no check named ${unknown.join(', ')}. There are: ${Object.keys(checks).join(', ')}.`)
  process.exit(2)
}

let passed = 0
let failed = 0
for (const [name, check] of Object.entries(checks)) {
  if (wanted.length > 0 && !wanted.includes(name)) continue
  const faults = await Promise.try(check).catch((error) => [`the check itself failed: ${error?.stack ?? error}`])
  if (faults.length === 0) passed += 1
  else failed += 1
  console.log(`${faults.length === 0 ? '✓' : '✗'} ${name}`)
  if (faults.length > 0) console.log(faults.join('\n').replace(/^/gm, '    '))
}

if (process.argv.includes('--summary')) console.log(`${passed} passed, ${failed} failed`)
process.exitCode = failed === 0 ? 0 : 1
