import type { CheckedPlugin } from '@bulkhead/host'
import { BulkheadError } from '@bulkhead/host/terms'
import { expect, test } from 'vitest'
import { makeStatus } from '../fake-status.ts'
import { runWith } from '../fakes.ts'

const fault = (line: number) => ({
  file: 'plugin.yaml',
  line,
  field: `field${line}`,
  message: 'is wrong',
  mend: 'Write it right.',
})
const diagnostics = [
  { severity: 'error', file: 'a.ts', line: 2, column: 5, message: 'Unexpected ";"', frame: '2 | x = ;\n  |     ^' },
  { severity: 'error', file: 'b.ts', message: 'is odd' },
  { severity: 'warning', file: 'a.ts', line: 9, message: 'a type cannot be read' },
] as const
const manifest = makeStatus().manifest
const checkPlugin = async (path: string): Promise<CheckedPlugin> => {
  if (path.endsWith('gone')) throw new BulkheadError('artifact.missing', `${path} does not exist`)
  const isBad = path.endsWith('bad')
  return {
    path,
    ...(isBad ? {} : { manifest }),
    faults: isBad ? [fault(1), fault(2), fault(3)] : [],
    warnings: path.endsWith('loud') ? ['network:* is broad'] : [],
    diagnostics: path.endsWith('broken') ? diagnostics : [],
    actions: path.endsWith('acts') ? makeStatus().actions : {},
  }
}
const library = { over: { checkPlugin } }

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

test('faults of the sources come in the order of their places, and a manifest is named as sources are', async () => {
  const at = (line: number, column: number) =>
    ({ severity: 'error', file: 'a.ts', line, column, message: `${line}` }) as const
  const over = async (path: string): Promise<CheckedPlugin> => ({
    ...(await checkPlugin('bad')),
    path,
    faults: [
      { ...fault(1), file: '/work-folder/x/plugin.yaml' },
      { ...fault(2), file: '/else/plugin.yaml' },
    ],
    diagnostics: [at(9, 1), at(2, 7), at(2, 3)],
  })
  const { out } = await runWith(['validate', './x'], { library: { over: { checkPlugin: over } } })
  expect(out.match(/^[^ ]+(?= {2}[^ ])/gm)).toEqual([
    'x/plugin.yaml:1',
    '/else/plugin.yaml:2',
    'x/a.ts:2:3',
    'x/a.ts:2:7',
    'x/a.ts:9:1',
  ])
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

test('faults of the sources are shown with their line and a mark; exit code 3', async () => {
  const result = await runWith(['validate', './broken'], { library })
  expect(result.exitCode).toBe(3)
  expect(result.out).toBe('broken/a.ts:2:5  Unexpected ";"\n  2 | x = ;\n    |     ^\nbroken/b.ts  is odd\n')
  expect(result.err).toBe(
    'warning broken/a.ts:9  a type cannot be read\nerror: 2 errors\nhint: Each one names its file and its line.\n',
  )
  const json = (await runWith(['validate', './broken', './bad', '--json'], { library })).json()
  expect(json).toMatchObject({
    ok: false,
    diagnostics: [{ file: 'a.ts', line: 2, column: 5, frame: expect.stringContaining('^') }, {}, { file: 'b.ts' }],
    plugins: [{ ok: false }, { ok: false }],
    error: { code: 'manifest.invalid', message: '3 faults and 2 errors' },
  })
})

test('of two plugins with a file of one name each is told apart; a lone file and a manifest are named once', async () => {
  const { out } = await runWith(['validate', 'p/one-broken', 'p/two-broken/'], { library })
  for (const place of ['p/one-broken/a.ts:2:5', 'p/two-broken/a.ts:2:5']) expect(out).toContain(place)
  const lone = async (path: string): Promise<CheckedPlugin> => ({ ...(await checkPlugin('broken')), path })
  const alone = await runWith(['validate', './x/a.ts'], { library: { over: { checkPlugin: lone } } })
  expect(alone.out).toMatch(/^x\/a\.ts:2:5 {2}/)
  const folder = async (): Promise<CheckedPlugin> => await lone('/work-folder/x')
  const manifestNamed = await runWith(['validate', 'x/plugin.yaml'], { library: { over: { checkPlugin: folder } } })
  expect(manifestNamed.out).toMatch(/^x\/a\.ts:2:5 {2}/)
})

test('the actions of a good plugin are listed', async () => {
  const result = await runWith(['validate', './acts'], { library })
  expect(result).toMatchObject({ exitCode: 0, err: '' })
  expect(result.out).toBe('text-tools 1.2.3\n  slugify({ text: string }) → string\n      Makes a slug\n')
})
