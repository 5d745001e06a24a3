// `npm test`: builds what tests start as programs, runs the tests, and ends with one line that counts them.
// Arguments go to the test runner: `npm test -- packages/kernel`, `npm test -- -t attenuation`.

import { spawnSync } from 'node:child_process'
import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import process from 'node:process'
import { fileURLToPath } from 'node:url'
import { requireNode } from './require-node.js'
import { installTestPackages } from './test-packages.js'

requireNode()

const root = fileURLToPath(new URL('..', import.meta.url))

/** Runs a program of node_modules with the terminal of this one. */
const run = (name, args) =>
  spawnSync(join(root, 'node_modules/.bin', name), args, { cwd: root, stdio: 'inherit' }).status

/** Counts of a report in the JSON shape that Jest made common. A file that failed to load counts as one failure. */
const count = (file) => {
  let report
  try {
    report = JSON.parse(readFileSync(file, 'utf8'))
  } catch {
    return { passed: 0, failed: 1, skipped: 0 }
  }
  const unloaded = report.testResults.filter(
    (suite) => suite.status === 'failed' && suite.assertionResults.length === 0,
  )
  return {
    passed: report.numPassedTests,
    failed: report.numFailedTests + unloaded.length,
    skipped: report.numPendingTests + report.numTodoTests,
  }
}

const end = ({ passed, failed, skipped }) => {
  console.log(`${passed} passed, ${failed} failed${skipped > 0 ? `, ${skipped} skipped` : ''}`)
  process.exitCode = failed === 0 ? 0 : 1
}

installTestPackages()
const built =
  spawnSync(process.execPath, [join(root, 'scripts/build.js')], { cwd: root, stdio: 'inherit' }).status === 0
const folder = mkdtempSync(join(tmpdir(), 'bulkhead-test-'))
const report = join(folder, 'report.json')
try {
  const reporters = ['--reporter=default', '--reporter=json', `--outputFile.json=${report}`]
  const status = run('vitest', ['run', ...reporters, ...process.argv.slice(2)])
  const counted = count(report)
  // An unhandled error fails no test by name, and must not pass for that.
  if (status !== 0 && counted.failed === 0) counted.failed = 1
  if (!built) {
    console.error('The build failed (see above); that counts as one failure.')
    counted.failed += 1
  }
  end(counted)
} finally {
  rmSync(folder, { recursive: true })
}
