// The official WebAssembly test suite, before and after metering: what passes as it stands must pass metered, with epochs and
// with fuel. Runs where BULKHEAD_WASM_TESTSUITE names a checkout of the suite; docs/how-to/fuzzing.md tells how to get one.

import { globSync, mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join, relative } from 'node:path'
import { afterAll, describe, expect, test } from 'vitest'
import { runScript, type Verdict } from './spec/run-script.ts'
import { readScript } from './spec/script.ts'
import { skips } from './spec/skips.ts'

const suite = process.env['BULKHEAD_WASM_TESTSUITE']

/** Proposals that the engine has and that are not merged into the standard. */
const folders = ['.', 'legacy', 'proposals/threads', 'proposals/wide-arithmetic']

const scripts = suite === undefined ? [] : folders.flatMap((folder) => globSync(join(suite, folder, '*.wast'))).sort()

describe.skipIf(suite === undefined)('the official test suite', () => {
  const into = mkdtempSync(join(tmpdir(), 'bulkhead-suite-'))
  afterAll(() => rmSync(into, { recursive: true, force: true }))

  test('is there', () => {
    expect(scripts.length).toBeGreaterThan(200)
  })

  test.each(scripts.map((path) => [relative(suite ?? '.', path), path]))('%s', (name, path) => {
    const script = readScript(path, join(into, name.replaceAll('/', '_')))
    for (const metering of ['none', 'epoch', 'fuel'] as const) {
      const verdicts = runScript(script, metering)
      expect(wrongOnes(name, verdicts), metering).toEqual([])
    }
  })
})

const wrongOnes = (name: string, verdicts: readonly Verdict[]): readonly Verdict[] => {
  const own = skips.filter(({ script }) => script === name)
  return verdicts.filter(
    ({ wrong, line }) => wrong !== undefined && !own.some(({ lines }) => lines?.includes(line) ?? true),
  )
}
