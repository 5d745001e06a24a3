import { BulkheadError } from '@bulkhead/host'
import { expect, test } from 'vitest'
import { runWith } from '../fakes.ts'

const fault = (line: number) => ({
  file: 'plugin.yaml',
  line,
  field: `field${line}`,
  message: 'is wrong',
  mend: 'Write it right.',
})
const inspectPlugin = async (path: string) => {
  if (path.endsWith('gone')) throw new BulkheadError('artifact.missing', `${path} does not exist`)
  const faults = path.endsWith('bad') ? [fault(1), fault(2), fault(3)] : []
  return { path, faults, warnings: path.endsWith('loud') ? ['network:* is broad'] : [] }
}
const library = { over: { inspectPlugin } }

test('a good manifest is silent', async () => {
  expect(await runWith(['validate', './good'], { library })).toMatchObject({ exitCode: 0, out: '', err: '' })
})

test('every fault is named with its line, its field and the mend; exit code 3', async () => {
  const result = await runWith(['validate', './bad'], { library })
  expect(result.exitCode).toBe(3)
  expect(result.out).toBe(
    [1, 2, 3].map((line) => `plugin.yaml:${line}  field${line}: is wrong\n  mend: Write it right.\n`).join(''),
  )
  expect(result.err).toMatch(/^error: 3 faults\n/)
  expect((await runWith(['validate', './bad', '--json'], { library })).json()).toMatchObject({
    ok: false,
    faults: [{ line: 1 }, { line: 2 }, { line: 3 }],
    error: { code: 'manifest.invalid' },
  })
})

test('warnings are shown and pass', async () => {
  const result = await runWith(['validate', './loud'], { library })
  expect(result).toMatchObject({ exitCode: 0, out: '' })
  expect(result.err).toBe('warning ./loud: network:* is broad\n')
})

test('one path that is not there does not hide the others', async () => {
  const result = await runWith(['validate', './gone', './bad', './good'], { library })
  expect(result.exitCode).toBe(3)
  expect(result.err).toContain('./gone: /work-folder/gone does not exist')
  expect(result.err).toContain('3 faults and 1 path that could not be read')
  const alone = await runWith(['validate', './gone', '--json'], { library })
  expect(alone.json()).toMatchObject({ ok: false, error: { code: 'artifact.missing' } })
})
