// The gate behind the smallest face that an enforcer can have: register, check, throw. Each case is one rule of the
// intersection.

import { beforeEach, expect, test } from 'vitest'
import type { AuditEvent } from '../audit/record.ts'
import { parseCapability } from '../capability/parse.ts'
import { defaultLimits } from '../limits.ts'
import { makeGate } from './make-gate.ts'

interface Check {
  readonly plugin: string
  readonly capability: string
  readonly workspaceAllow: readonly string[]
  readonly userPermissions: readonly string[]
}

const principalOf = (name: string) => ({ id: `file:/plugins/${name}#${name}`, name, digest: '0'.repeat(64) })

let entries: AuditEvent[]
let registered: Map<string, { allow: readonly string[]; deny: readonly string[] }>
beforeEach(() => {
  entries = []
  registered = new Map()
})

const registerPlugin = (name: string, allow: readonly string[], deny: readonly string[] = []): void => {
  registered.set(name, { allow, deny })
}

const check = async (request: Check): Promise<void> => {
  const principal = principalOf(request.plugin)
  const gate = makeGate({
    audit: {
      append: async (event) => {
        entries.push(event)
        return `r${entries.length}`
      },
    },
    grants: { grantsFor: ({ name }) => registered.get(name)?.allow ?? [] },
    policy: {
      workspaces: { 'ws-1': { allow: request.workspaceAllow } },
      users: { ada: { allow: request.userPermissions } },
    },
    clock: { now: () => 0, monotonic: () => 0, after: () => ({ [Symbol.dispose]: () => {} }) },
  })
  for (const [name, { allow, deny }] of registered) gate.register(principalOf(name), { asks: allow, denies: deny })
  const decision = await gate.decide({
    context: {
      callId: 'c1',
      principal,
      chain: [],
      action: 'run',
      user: 'ada',
      workspace: 'ws-1',
      workspaceRoot: '/srv',
      deadlineMs: 1e9,
      limits: defaultLimits,
      signal: new AbortController().signal,
    },
    function: 'test.call',
    capabilities: [parseCapability(request.capability)],
    risk: 'write',
    inputHash: '0'.repeat(64),
  })
  if (!decision.allow) throw new Error(`denied: ${decision.why.layer}`)
}

const all = { workspaceAllow: ['*'], userPermissions: ['*'] }

test('a matching capability is allowed', async () => {
  registerPlugin('telegram', ['sessions.read', 'messages.send.*'], ['exec.*'])
  await check({ plugin: 'telegram', capability: 'sessions.read', ...all })
})

test('a missing capability is denied', async () => {
  registerPlugin('telegram', ['sessions.read'])
  await expect(check({ plugin: 'telegram', capability: 'exec.run', ...all })).rejects.toThrow('denied: not-asked')
})

test('what the manifest denies is denied, although it asks for it and everybody allows it', async () => {
  registerPlugin('malicious', ['exec.*'], ['exec.*'])
  await expect(
    check({
      plugin: 'malicious',
      capability: 'exec.run',
      workspaceAllow: ['exec.*'],
      userPermissions: ['exec.*'],
    }),
  ).rejects.toThrow('denied: deny-list')
})

test('the workspace narrows', async () => {
  registerPlugin('exec-tool', ['exec.run.sandboxed'])
  await expect(
    check({
      plugin: 'exec-tool',
      capability: 'exec.run.sandboxed',
      workspaceAllow: ['calendar.*', 'shopping.*'],
      userPermissions: ['*'],
    }),
  ).rejects.toThrow('denied: workspace')
})

test('the user narrows', async () => {
  registerPlugin('exec-tool', ['exec.run.sandboxed'])
  await expect(
    check({
      plugin: 'exec-tool',
      capability: 'exec.run.sandboxed',
      workspaceAllow: ['*'],
      userPermissions: ['sessions.*', 'messages.*'],
    }),
  ).rejects.toThrow('denied: user')
})

test('only what all three allow is allowed', async () => {
  registerPlugin('test-plugin', ['sessions.read', 'sessions.write', 'exec.run'])
  await check({
    plugin: 'test-plugin',
    capability: 'sessions.read',
    workspaceAllow: ['sessions.*', 'messages.*'],
    userPermissions: ['sessions.read', 'messages.send.*'],
  })
  for (const capability of ['exec.run', 'sessions.write']) {
    await expect(
      check({ plugin: 'test-plugin', capability, workspaceAllow: ['*'], userPermissions: ['sessions.read'] }),
    ).rejects.toThrow('denied: user')
  }
})

test('a user without any permission gets nothing', async () => {
  registerPlugin('test-plugin', ['sessions.read'])
  await expect(
    check({ plugin: 'test-plugin', capability: 'sessions.read', workspaceAllow: ['*'], userPermissions: [] }),
  ).rejects.toThrow('denied: user')
})

test('every check is one audit record', async () => {
  registerPlugin('test-plugin', ['sessions.read'])
  await check({ plugin: 'test-plugin', capability: 'sessions.read', ...all })
  expect(entries).toHaveLength(1)
  expect(entries[0]).toMatchObject({ type: 'capability_check', plugin: 'test-plugin', result: 'allowed' })
  await expect(check({ plugin: 'test-plugin', capability: 'exec.run', ...all })).rejects.toThrow('denied')
  expect(entries).toHaveLength(2)
  expect(entries[1]).toMatchObject({ type: 'capability_check', plugin: 'test-plugin', result: 'denied' })
})

test('an unregistered plugin gets nothing', async () => {
  await expect(check({ plugin: 'unknown', capability: 'sessions.read', ...all })).rejects.toThrow(
    'denied: unregistered',
  )
  expect(entries).toMatchObject([{ type: 'capability_check', plugin: 'unknown', result: 'denied' }])
})
