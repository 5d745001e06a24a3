import { expect, test } from 'vitest'
import { makeStatus } from '../fake-status.ts'
import { runWith } from '../fakes.ts'

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
    'slugify({ text: string }) → string',
    'Makes a slug',
    'ab'.repeat(32),
  ]) {
    expect(out).toContain(text)
  }
})

test('a description of several lines is one line of prose', async () => {
  const status = makeStatus()
  const manifest = { ...status.manifest, description: 'First\n  second.\u202e' }
  const actions = { go: { description: 'Does this\r\nand\tthat.\n' } }
  const { out } = await runWith(['show', 'text-tools'], { library: { plugins: [{ ...status, manifest, actions }] } })
  expect(out).toContain('First second.\\u{202e}')
  expect(out).toContain('Does this and that.\n')
})

test('the limits in force, each as a manifest would spell it', async () => {
  const base = makeStatus().limits
  const status = makeStatus({ limits: { ...base, fuel: 5_000_000, cpuMs: 1500, networkDailyBytes: 2 ** 30 } })
  const { out } = await runWith(['show', 'text-tools'], { library: { plugins: [status] } })
  const section = out.slice(out.indexOf('\nLimits\n'), out.indexOf('\nAsks for\n'))
  expect(
    Object.fromEntries([...section.matchAll(/^ {2}(\w+) +(\S+)$/gm)].map(([, name, value]) => [name, value])),
  ).toEqual({
    memory: '100MiB',
    cpu: '1500ms',
    wall: '1m',
    hostCall: '30s',
    fuel: '5000000',
    output: '10MiB',
    hostCalls: '10000',
    concurrency: '8',
    fileSize: '10MiB',
    processes: '64',
    notesDaily: '256MiB',
    openFiles: '256',
    tmp: '16MiB',
    httpResponse: '10MiB',
    network: '100MiB',
    networkDaily: '1GiB',
    storage: '50MiB',
    rate: 'off',
  })
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

test('a plugin that crashed says how it stands, and one that did not says nothing of it', async () => {
  const quarantined = makeStatus({
    generation: 7,
    restarts: 4,
    health: { state: 'quarantined', crashes: 5, reason: { code: 'plugin.crashed', message: 'gone\u001b[31m' } },
  })
  const { out } = await runWith(['show', 'text-tools'], { library: { plugins: [quarantined] } })
  expect(out).toMatch(/health +quarantined; 5 crashes lately; 4 restarts, generation 7; plugin\.crashed: gone/)
  expect(out).not.toContain('\u001b[31m')
  expect((await runWith(['show', 'text-tools'])).out).not.toContain('health')
  const { json } = await runWith(['show', 'text-tools', '--json'], { library: { plugins: [quarantined] } })
  expect(json()).toMatchObject({ plugin: { generation: 7, restarts: 4, health: { state: 'quarantined' } } })
})
