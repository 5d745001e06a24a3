import { expect, test } from 'vitest'
import { makeStatus } from '../fake-status.ts'
import { runWith } from '../fakes.ts'

test('a table with one plugin a line', async () => {
  const plugins = [makeStatus(), makeStatus({ id: 'aaa', enabled: false })]
  const { out, exitCode } = await runWith(['list'], { library: { plugins } })
  expect(exitCode).toBe(0)
  expect(out).toBe(
    [
      'NAME        VERSION  TYPE  TIER    STATE       FROM  DESCRIPTION',
      'aaa         1.2.3    tool  script  disabled    home  Works on text',
      'text-tools  1.2.3    tool  script  discovered  home  Works on text',
      '',
    ].join('\n'),
  )
})

test('the description gives way to the terminal’s width', async () => {
  const long = makeStatus({ manifest: { ...makeStatus().manifest, description: 'word '.repeat(40) } })
  const { out } = await runWith(['list'], { library: { plugins: [long] }, io: { tty: true, columns: 80 } })
  expect(Math.max(...out.split('\n').map((line) => line.length))).toBeLessThanOrEqual(80)
  expect(out).toContain('…')
})

test('nothing installed says what to do', async () => {
  const { out, exitCode } = await runWith(['list'], { library: { plugins: [] } })
  expect(exitCode).toBe(0)
  expect(out).toContain('/home/plugins')
  expect(out).toContain('bulkhead run ./my-plugin')
})

test('the faults of a skipped manifest stand one a line', async () => {
  const message = 'the manifest has 2 faults:\n  a.yaml:1: first\nb.yaml:2: second'
  const skipped = [{ path: '/p', error: { code: 'manifest.invalid', message } } as const]
  const { err } = await runWith(['list'], { library: { skipped } })
  expect(err).toBe('skipped /p: the manifest has 2 faults:\n  a.yaml:1: first\n  b.yaml:2: second\n')
})

test('what was skipped is told on stderr with its reason, and in the document', async () => {
  const skipped = [
    {
      path: '/p/.bulkhead/plugins',
      error: { code: 'trust.required', message: 'it is not trusted', hint: 'run: bulkhead trust /p' },
    } as const,
  ]
  const text = await runWith(['list'], { library: { skipped } })
  expect(text.err).toBe('skipped /p/.bulkhead/plugins: it is not trusted\n  hint: run: bulkhead trust /p\n')
  expect((await runWith(['list', '--json'], { library: { skipped } })).json()).toMatchObject({
    ok: true,
    plugins: [{ name: 'text-tools', tier: 'script', origin: 'home' }],
    skipped,
  })
})
