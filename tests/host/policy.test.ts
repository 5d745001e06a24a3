// What policy says holds for every plugin: limits and boundaries only tighten, users and workspaces allow only what they
// were given, and rates are kept.

import { defineHostFunction, type HostOptions, openHost, type Policy } from '@bulkhead/host'
import { mkdir, symlink } from 'node:fs/promises'
import { expect, test } from 'vitest'
import { z } from 'zod'
import { openWorkspaceHost, writeScript } from '../support/host.ts'
import { openWorkspace, type Workspace } from '../support/workspace.ts'

const source = `
  export const ping = () => 'pong'
  export const spin = () => { for (;;) ; }
  export const flood = () => 'x'.repeat(200000)
  export const ask = (id) => host.orders.lookup({ id })
  export const many = async (n) => { for (let i = 0; i < n; i++) await host.test.nothing(null); return n }
  export const read = async (path) => (await host.fs.read_text({ path })).text
`
const more = "capabilities: ['orders.read:*', 'filesystem.read:./']"

const functions: HostOptions['functions'] = [
  defineHostFunction({
    name: 'orders.lookup',
    input: z.strictObject({ id: z.string() }),
    output: z.string(),
    needs: ({ id }) => [{ name: 'orders.read', scope: id }],
    risk: 'read-only',
    run: ({ input }) => `order ${input.id}`,
  }),
  defineHostFunction({
    name: 'test.nothing',
    input: z.null(),
    output: z.null(),
    needs: () => [],
    risk: 'read-only',
    run: () => null,
  }),
]

const openWith = async (policy: Policy, execution = '') => {
  const workspace = await openWorkspace()
  await writeScript(workspace, 'tool', { source, more, execution })
  const host = await openWorkspaceHost(workspace, { policy, functions })
  return {
    workspace,
    host,
    [Symbol.asyncDispose]: async () => {
      await host[Symbol.asyncDispose]()
      await workspace[Symbol.asyncDispose]()
    },
  }
}

test('limits of policy and call tighten those of the manifest and never loosen them', async () => {
  const manifest = 'limits: { wall: 20s, output: 100KiB, hostCalls: 50 }'
  await using open = await openWith({ limits: { wallMs: 15_000, outputBytes: 1e9, hostCalls: 20 } }, manifest)
  const { host } = open
  expect(host.getPluginStatus('tool').limits).toMatchObject({
    wallMs: 15_000,
    outputBytes: 100 * 1024,
    hostCalls: 20,
    memoryBytes: 100 * 1024 * 1024,
  })
  await expect(host.call('tool', 'flood')).rejects.toMatchObject({ code: 'limit.output' })
  expect(await host.call('tool', 'many', 20)).toBe(20)
  await expect(host.call('tool', 'many', 21)).rejects.toMatchObject({ code: 'limit.host-calls' })
  await expect(host.call('tool', 'many', 6, { limits: { hostCalls: 5 } })).rejects.toMatchObject({
    code: 'limit.host-calls',
  })
  await expect(host.call('tool', 'many', 21, { limits: { hostCalls: 1000 } })).rejects.toMatchObject({
    code: 'limit.host-calls',
  })
  await expect(host.call('tool', 'spin', null, { limits: { wallMs: 100 } })).rejects.toMatchObject({
    code: 'limit.time',
  })
  expect(await host.call('tool', 'ping')).toBe('pong')
})

test.each([
  [{ timeoutMs: Number.NaN }],
  [{ timeoutMs: -1 }],
  [{ timeoutMs: '5' as never }],
  [{ limits: { hostCalls: Number.NaN } }],
  [{ limits: { outputBytes: 0 } }],
  [{ limits: { memoryBytes: 1e6 } as never }],
  [{ limits: { constructor: 5 } as never }],
])('a bound that bounds nothing is refused: %j', async (options) => {
  await using open = await openWith({})
  await expect(open.host.call('tool', 'ping', null, options)).rejects.toMatchObject({ code: 'usage.invalid' })
})

test.each([
  [undefined, undefined, 'jail'],
  [undefined, 'inline', 'jail'],
  [undefined, 'thread', 'jail'],
  ['thread', 'jail', 'jail'],
  ['inline', undefined, 'inline'],
  ['inline', 'thread', 'thread'],
  ['thread', 'inline', 'thread'],
] as const)('policy boundary %s, manifest %s: runs in %s', async (boundary, asked, runs) => {
  await using open = await openWith(
    boundary === undefined ? {} : { boundary },
    asked === undefined ? '' : `boundary: ${asked}`,
  )
  expect(open.host.getPluginStatus('tool').boundary).toBe(runs)
  expect(await open.host.call('tool', 'ping')).toBe('pong')
  expect(open.host.getPluginStatus('tool').boundary).toBe(runs)
})

test('a rate allows a second’s worth at once, and tells when to come again', async () => {
  await using open = await openWith({ limits: { ratePerSecond: 3 } })
  const outcomes = await Promise.allSettled(Array.from({ length: 6 }, () => open.host.call('tool', 'ping')))
  const refused = outcomes.filter((outcome) => outcome.status === 'rejected')
  expect(refused.length).toBeGreaterThan(0)
  expect(outcomes.length - refused.length).toBeGreaterThanOrEqual(3)
  expect(refused[0]?.reason).toMatchObject({
    code: 'limit.rate',
    details: { retryAfterMs: expect.any(Number) },
  })
})

test('users and workspaces: once any is configured, absence allows nothing', async () => {
  await using open = await openWith({
    grants: { tool: ['orders.read:*'] },
    users: { clerk: { allow: ['orders.read:*'] }, guest: { allow: ['orders.read:public'] }, nobody: { allow: [] } },
    workspaces: { shop: { allow: ['orders.read:*'] }, empty: { allow: [] } },
  })
  const { host } = open
  const ask = (user?: string, workspace?: string, id = 'o1') =>
    host.call('tool', 'ask', id, {
      ...(user === undefined ? {} : { user }),
      ...(workspace === undefined ? {} : { workspace }),
    })
  const refusedBy = (layer: string) => ({ code: 'capability.denied', details: { layer } })

  expect(await ask('clerk', 'shop')).toBe('order o1')
  expect(await ask('guest', 'shop', 'public')).toBe('order public')
  await expect(ask('guest', 'shop')).rejects.toMatchObject(refusedBy('user'))
  await expect(ask('nobody', 'shop')).rejects.toMatchObject(refusedBy('user'))
  await expect(ask('stranger', 'shop')).rejects.toMatchObject(refusedBy('user'))
  await expect(ask('constructor', 'shop')).rejects.toMatchObject(refusedBy('user'))
  await expect(ask(undefined, 'shop')).rejects.toMatchObject(refusedBy('user'))
  await expect(ask('clerk', 'empty')).rejects.toMatchObject(refusedBy('workspace'))
  await expect(ask('clerk')).rejects.toMatchObject(refusedBy('workspace'))
  await expect(ask('clerk', '__proto__')).rejects.toMatchObject(refusedBy('workspace'))
  expect(await host.call('tool', 'ping', null, { user: 'nobody' })).toBe('pong')
})

test('a workspace has its own root, whatever links lead to it', async () => {
  const writeRoots = async (workspace: Workspace): Promise<void> => {
    await workspace.write('real/words.txt', 'of the workspace')
    await workspace.write('words.txt', 'of the host')
    await symlink(`${workspace.path}/real`, `${workspace.path}/link`)
    await mkdir(`${workspace.path}/other`)
  }
  await using workspace = await openWorkspace()
  await writeRoots(workspace)
  await writeScript(workspace, 'tool', { source, more })
  await using host = await openWorkspaceHost(workspace, {
    policy: {
      grants: { tool: ['filesystem.read:./'] },
      workspaces: {
        linked: { allow: ['*'], root: `${workspace.path}/link` },
        plain: { allow: ['*'] },
        other: { allow: ['*'], root: `${workspace.path}/other` },
      },
    },
  })
  expect(await host.call('tool', 'read', 'words.txt', { workspace: 'linked' })).toBe('of the workspace')
  expect(await host.call('tool', 'read', 'words.txt', { workspace: 'plain' })).toBe('of the host')
  await expect(host.call('tool', 'read', '../words.txt', { workspace: 'other' })).rejects.toMatchObject({
    code: 'capability.denied',
  })
  const nowhere = { workspaces: { lost: { allow: ['*'], root: `${workspace.path}/nowhere` } } }
  await expect(openHost({ home: workspace.home, policy: nowhere })).rejects.toMatchObject({ code: 'config.invalid' })
})
