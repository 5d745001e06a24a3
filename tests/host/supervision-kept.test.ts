// Processes that are kept between calls: asked whether they are there, let go when idle, missed when they die alone.

import { setTimeout as sleep } from 'node:timers/promises'
import { expect, test } from 'vitest'
import { openWorkspaceHost } from '../support/host.ts'
import { start } from '../support/confined.ts'
import { listenTo, processesWith, writeProcessPlugin } from '../support/supervised-plugin.ts'
import { openWorkspace } from '../support/workspace.ts'

const told = ['crashed', 'restarted', 'healthy', 'quarantined', 'rested']
let words = 0
const freshWord = (): string => `kept-${process.pid}-${++words}`

test('a process that nobody calls is stopped, and started again for the next call, without what it knew', async () => {
  await using workspace = await openWorkspace()
  const word = freshWord()
  await writeProcessPlugin(workspace, 'one', { actions: 'count: () => ++calls', before: `process.title = '${word}'` })
  await using host = await openWorkspaceHost(workspace, { supervision: { idleMs: 150 } })
  const events = listenTo(host, 'one', told)
  expect([await host.call('one', 'count'), await host.call('one', 'count')]).toEqual([1, 2])
  expect(processesWith(word)).toHaveLength(1)
  await expect.poll(() => events).toEqual(['rested 1'])
  await expect.poll(() => processesWith(word)).toEqual([])
  expect(host.getPluginStatus('one')).toMatchObject({ state: 'running', health: { state: 'healthy', crashes: 0 } })
  expect(await host.call('one', 'count')).toBe(1)
  expect(host.getPluginStatus('one')).toMatchObject({ generation: 2, restarts: 0 })
})

test('a process that no longer answers is ended under the budget, and one that does is asked once and then left alone', async () => {
  await using workspace = await openWorkspace()
  const pings = `ping: () => { say('asked'); return deaf ? silent : {} }`
  const text = {
    actions: 'count: () => ++calls, deafen: () => { deaf = true }',
    before: 'let deaf = false',
    methods: pings,
  }
  await writeProcessPlugin(workspace, 'deaf', text)
  await writeProcessPlugin(workspace, 'well', text)
  const asked: string[] = []
  await using host = await openWorkspaceHost(workspace, {
    supervision: { healthEveryMs: 100, healthTimeoutMs: 300 },
    log: { write: ({ plugin, message }) => message === 'asked' && asked.push(plugin ?? '') },
  })
  const events = listenTo(host, 'deaf', told)
  expect(await host.call('well', 'count')).toBe(1)
  await host.call('deaf', 'deafen')
  await expect.poll(() => events).toEqual(['crashed 1'])
  expect(host.getPluginStatus('deaf').health).toMatchObject({
    state: 'recovering',
    crashes: 1,
    reason: { code: 'plugin.crashed', message: expect.stringContaining('did not say that it is there') },
  })
  expect(await host.call('deaf', 'count')).toBe(1)
  expect(events).toEqual(['crashed 1', 'restarted 2', 'healthy 2'])
  await sleep(500)
  expect(asked.filter((name) => name === 'well')).toEqual(['well'])
  expect(await host.call('well', 'count')).toBe(2)
  expect(asked.filter((name) => name === 'well')).toEqual(['well', 'well'])
})

test('one that dies while nobody calls it is missed, and one that ends well is not', async () => {
  await using workspace = await openWorkspace()
  const actions = 'later: (code) => { setTimeout(() => process.exit(code), 30) }'
  const word = freshWord()
  await writeProcessPlugin(workspace, 'bad', { actions })
  await writeProcessPlugin(workspace, 'good', { actions, before: `process.title = '${word}'` })
  await using host = await openWorkspaceHost(workspace)
  const [bad, good] = [listenTo(host, 'bad', told), listenTo(host, 'good', told)]
  await host.call('bad', 'later', 9)
  await host.call('good', 'later', 0)
  await expect.poll(() => bad).toEqual(['crashed 1'])
  expect(host.getPluginStatus('bad').health.reason?.message).toContain('ended with code 9')
  await expect.poll(() => processesWith(word)).toEqual([])
  await sleep(50)
  await host.call('good', 'later', 0)
  expect(good).toEqual([])
  expect(host.getPluginStatus('good')).toMatchObject({ generation: 2, restarts: 0, health: { crashes: 0 } })
})

test('the processor time of a call is told, where the host counts it', async () => {
  await using probe = await start({ argv: ['/bin/sleep', '5'] })
  const isCounted = probe.usage().cpuSeconds !== undefined
  await using workspace = await openWorkspace()
  const burn = 'burn: () => { const end = process.cpuUsage().user + 200_000; while (process.cpuUsage().user < end); }'
  await writeProcessPlugin(workspace, 'kept', { actions: `rest: () => 1, ${burn}` })
  await writeProcessPlugin(workspace, 'fresh', { actions: burn, isolation: 'per-call' })
  await using host = await openWorkspaceHost(workspace)
  const ended: (number | undefined)[] = []
  host.on('call:end', ({ metrics }) => ended.push(metrics.cpuMs))
  await host.call('kept', 'burn')
  await host.call('kept', 'rest')
  await host.call('fresh', 'burn')
  const [burnt = -1, rested = -1, fresh = -1] = ended
  if (!isCounted) return expect(ended).toEqual([undefined, undefined, undefined])
  expect(burnt).toBeGreaterThan(150)
  expect(rested).toBeGreaterThanOrEqual(0)
  expect(rested).toBeLessThan(burnt / 2)
  expect(fresh).toBeGreaterThan(150)
})
