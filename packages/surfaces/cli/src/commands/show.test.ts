import { expect, test } from 'vitest'
import { makeStatus, runWith } from '../fakes.ts'

test('what it asks for and why, what it is granted, how it runs', async () => {
  const status = makeStatus({ grants: ['storage'], warnings: ['network:* reaches every host'] })
  const { out, exitCode } = await runWith(['show', 'text-tools'], { library: { plugins: [status] } })
  expect(exitCode).toBe(0)
  for (const text of [
    'text-tools 1.2.3  tool',
    'network:https://api.example.com/*',
    'to fetch',
    'renounces exec',
    'storage',
    '! network:* reaches every host',
    'boundary   thread',
    'isolation  per-call',
    'memory 100MiB, cpu 30s, wall 1m',
    'slugify({ text: string }) → string',
    'Makes a slug',
    'ab'.repeat(32),
  ]) {
    expect(out).toContain(text)
  }
})

test.each(['inspect', 'info'])('%s is another name of show', async (alias) => {
  expect((await runWith([alias, 'text-tools', '--json'])).json()).toMatchObject({
    ok: true,
    plugin: { id: 'text-tools', boundary: 'thread' },
  })
})

test('an unknown name gets the nearest ones', async () => {
  const result = await runWith(['show', 'text-tool'])
  expect(result.exitCode).toBe(2)
  expect(result.err).toContain('Did you mean text-tools?')
})
