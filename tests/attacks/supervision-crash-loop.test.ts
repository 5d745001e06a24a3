// A plugin that crashes again and again, called as often as anybody likes: what it costs is bounded by its budget, and nobody
// else feels it.

import { readFileSync } from 'node:fs'
import { expect, test } from 'vitest'
import { openWorkspaceHost, writeScript } from '../support/host.ts'
import { listenTo, processesWith, writeProcessPlugin } from '../support/supervised-plugin.ts'
import { openWorkspace } from '../support/workspace.ts'

const told = ['crashed', 'restarted', 'quarantined']

/** Codes of many calls, one after another in each of some lanes. */
const hammer = async (calls: number, call: () => Promise<unknown>): Promise<string[]> => {
  const codes: string[] = []
  const lane = async (): Promise<void> => {
    for (let made = 0; made < calls / 4; made++) {
      await call().catch(({ code }: { code: string }) => codes.push(code))
    }
  }
  await Promise.all([lane(), lane(), lane(), lane()])
  return codes
}

test.each([
  ['at every call, its process kept', { isolation: 'per-plugin', actions: 'go: () => process.exit(1)' }, 1],
  ['at every call, each with a process of its own', { isolation: 'per-call', actions: 'go: () => process.exit(1)' }, 4],
  ['before it says anything', { isolation: 'per-plugin', actions: 'go: () => 1', before: 'process.exit(1)' }, 1],
] as const)('one that crashes %s is started no more often than its budget says', async (_when, text, lanes) => {
  await using workspace = await openWorkspace()
  const before = `fs.writeSync(2, 'born\\n')\n${'before' in text ? text.before : ''}`
  await writeProcessPlugin(workspace, 'one', { ...text, before, more: 'actions: { go: {} }' })
  let births = 0
  await using host = await openWorkspaceHost(workspace, {
    supervision: { crashes: 4, backoffMs: 50 },
    log: { write: ({ message }) => message === 'born' && births++ },
  })
  const events = listenTo(host, 'one', told)
  const codes = await hammer(400, () => host.call('one', 'go', null, { timeoutMs: 2000 }))
  expect(codes).toHaveLength(400)
  expect(new Set(codes)).toEqual(new Set(['plugin.crashed', 'plugin.quarantined']))
  expect(events.filter((event) => event.startsWith('quarantined'))).toHaveLength(1)
  expect(births).toBeGreaterThanOrEqual(4)
  // Calls that were under way together may each have had a process.
  expect(births).toBeLessThanOrEqual(4 * lanes)
})

test('while it backs off nothing of it is started, however often it is called', async () => {
  await using workspace = await openWorkspace()
  await writeProcessPlugin(workspace, 'one', {
    actions: 'go: () => process.exit(1)',
    before: `fs.writeSync(2, 'born\\n')`,
    more: 'actions: { go: {} }',
  })
  let births = 0
  await using host = await openWorkspaceHost(workspace, {
    supervision: { backoffMs: 30_000 },
    log: { write: ({ message }) => message === 'born' && births++ },
  })
  await host.call('one', 'go').catch(() => undefined)
  await host.call('one', 'go').catch(() => undefined)
  const born = births
  const codes = await hammer(4000, () => host.call('one', 'go', null, { timeoutMs: 1000 }))
  expect(new Set(codes)).toEqual(new Set(['plugin.backing-off']))
  expect(births).toBe(born)
})

test('calls that wait for a restart are bounded', async () => {
  await using workspace = await openWorkspace()
  await writeProcessPlugin(workspace, 'one', { actions: 'go: () => process.exit(1)' })
  const host = await openWorkspaceHost(workspace, { supervision: { backoffMs: 30_000 } })
  await host.call('one', 'go').catch(() => undefined)
  await host.call('one', 'go').catch(() => undefined)
  const calls = Array.from({ length: 1500 }, () => host.call('one', 'go').catch(({ code }: { code: string }) => code))
  const [first] = await Promise.all([Promise.race(calls), new Promise((resolve) => setTimeout(resolve, 50))])
  expect(first).toBe('plugin.backing-off')
  await host[Symbol.asyncDispose]()
  const codes = await Promise.all(calls)
  expect(codes.filter((code) => code === 'plugin.backing-off')).toHaveLength(500)
  expect(codes.filter((code) => code === 'host.closed')).toHaveLength(1000)
})

test('a crash of one plugin is not felt by another, nor by the state that it keeps', async () => {
  await using workspace = await openWorkspace()
  await writeProcessPlugin(workspace, 'bad', { actions: 'go: () => process.exit(1)' })
  await writeProcessPlugin(workspace, 'good', { actions: 'count: () => ++calls' })
  await using host = await openWorkspaceHost(workspace, { supervision: { crashes: 3, backoffMs: 20 } })
  const events = listenTo(host, 'good', told)
  const over = new AbortController()
  const counts: unknown[] = []
  const counting = (async () => {
    while (!over.signal.aborted) counts.push(await host.call('good', 'count'))
  })()
  const codes = await hammer(40, () => host.call('bad', 'go'))
  expect(codes).toContain('plugin.quarantined')
  over.abort()
  await counting
  expect(counts.length).toBeGreaterThan(10)
  expect(counts).toEqual(counts.map((_count, index) => index + 1))
  expect(events).toEqual([])
  expect(host.getPluginStatus('good')).toMatchObject({ generation: 1, callsFailed: 0, health: { state: 'healthy' } })
})

/** The jail of this process that has used most processor time, if that is more than it takes to start (1.5 s). */
const busiestJail = (): number | undefined => {
  const stats = new Map<number, { parent: number; ticks: number }>()
  for (const pid of processesWith('jail-entry').map(Number)) {
    try {
      const text = readFileSync(`/proc/${pid}/stat`, 'utf8')
      const fields = text.slice(text.lastIndexOf(')') + 2).split(' ')
      stats.set(pid, { parent: Number(fields[1]), ticks: Number(fields[11]) })
    } catch {
      // It ended while it was looked at.
    }
  }
  const isOurs = (pid: number): boolean => {
    const parent = stats.get(pid)?.parent
    return parent !== undefined && (parent === process.pid || isOurs(parent))
  }
  const busy = [...stats]
    .filter(([pid, { ticks }]) => ticks > 150 && isOurs(pid))
    .sort((a, b) => b[1].ticks - a[1].ticks)
  return busy[0]?.[0]
}

test('one whose jail dies at every call is quarantined, and its neighbours have their own', async () => {
  await using workspace = await openWorkspace()
  await writeScript(workspace, 'bad', { source: 'export const go = () => { for (;;) ; }' })
  await writeScript(workspace, 'good', {
    source: 'let n = 0; export const count = () => ++n',
    execution: 'isolation: per-plugin',
  })
  await using host = await openWorkspaceHost(workspace, {
    supervision: { crashes: 3, backoffMs: 20 },
    policy: { boundary: 'jail' },
  })
  const events = listenTo(host, 'bad', told)
  expect(await host.call('good', 'count')).toBe(1)
  for (let round = 0; round < 3; round++) {
    const outcome = host.call('bad', 'go').catch((thrown: unknown) => thrown)
    // As if its engine had given up, which takes long to bring about.
    let jail: number | undefined
    await expect.poll(() => (jail = busiestJail()), { timeout: 20_000 }).toBeDefined()
    process.kill(jail as unknown as number, 'SIGKILL')
    expect(await outcome).toMatchObject({ code: 'plugin.crashed' })
  }
  await expect(host.call('bad', 'go')).rejects.toMatchObject({ code: 'plugin.quarantined' })
  expect(events).toEqual(['crashed 1', 'restarted 2', 'crashed 2', 'restarted 3', 'crashed 3', 'quarantined 3'])
  expect(await host.call('good', 'count')).toBe(2)
  expect(host.getPluginStatus('good')).toMatchObject({ generation: 1, health: { state: 'healthy', crashes: 0 } })
})
