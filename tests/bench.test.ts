// The benchmark runs and reports in the shape that it promises. What it measures is never asserted.

import { execFile } from 'node:child_process'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'
import { expect, test } from 'vitest'
import { percentile } from '../bench/harness.ts'
import { makeMeasure } from '../bench/measure.ts'
import { makeTable } from '../bench/report/table.ts'

const main = fileURLToPath(new URL('../bench/main.ts', import.meta.url))
const run = (...args: readonly string[]) =>
  promisify(execFile)(process.execPath, ['--conditions=@bulkhead/source', main, ...args])

test('--json prints one document with a line for each measure and peer', async () => {
  const { stdout } = await run('--json', '--only', 'waiting')
  const document = JSON.parse(stdout) as { measures: readonly Record<string, unknown>[] }
  expect(Object.keys(document)).toEqual(['measures'])
  expect(document.measures.map(({ name }) => name)).toEqual([
    expect.stringContaining('JavaScript'),
    expect.stringContaining('wasm'),
  ])
  for (const measure of document.measures)
    expect(measure).toEqual({
      name: expect.any(String) as string,
      unit: 'ms',
      ours: expect.any(Number) as number,
      peer: expect.any(Number) as number,
      peerName: expect.any(String) as string,
      ratio: expect.any(Number) as number,
      target: null,
      met: null,
    })
})

test('an unknown scenario is a wrong use, and the known ones are named', async () => {
  await expect(run('--only', 'nothing')).rejects.toMatchObject({
    code: 2,
    stdout: '',
    stderr: expect.stringContaining('warm-call') as string,
  })
})

test('a measure is judged against its floor and its peer', () => {
  const parts = { name: 'a call', unit: 'ms', ours: 3 } as const
  expect(makeMeasure({ ...parts, peer: { name: 'other', value: 2 }, below: 3 })).toMatchObject({
    ratio: 1.5,
    target: '< 3',
    met: false,
  })
  expect(makeMeasure({ ...parts, below: 3.1 })).toMatchObject({ peer: null, ratio: null, met: true })
  expect(makeTable([makeMeasure(parts)]).split('\n')).toHaveLength(3)
})

test('a percentile is a sample', () => {
  const samples = [1, 2, 3, 4]
  expect([0, 0.5, 0.95, 1].map((share) => percentile(samples, share))).toEqual([1, 3, 4, 4])
})
