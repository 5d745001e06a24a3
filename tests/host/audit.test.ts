// The audit log of a host: a record for each decision, before the effect, and no effect without one.

import { rename } from 'node:fs/promises'
import { openCompartments } from '@bulkhead/cell'
import { defineHostFunction, type HostEvents, type HostOptions, verifyAudit } from '@bulkhead/host'
import { expect, test } from 'vitest'
import { z } from 'zod'
import { auditRecords, openWorkspaceHost, writeScript } from '../support/host.ts'
import { openWorkspace } from '../support/workspace.ts'

const source = `
  export const read = (id) => host.orders.read({ id })
  export const write = (id) => host.orders.write({ id })
  export const ping = () => 'pong'
`
const more = "capabilities: ['orders.*']"

const openOrders = async (options: HostOptions = {}) => {
  const workspace = await openWorkspace()
  const effects: string[] = []
  const recorded: number[] = []
  const declare = (name: 'read' | 'write') =>
    defineHostFunction({
      name: `orders.${name}`,
      input: z.strictObject({ id: z.string() }),
      output: z.string(),
      needs: ({ id }) => [{ name: `orders.${name}`, scope: id }],
      risk: name === 'read' ? 'read-only' : 'write',
      run: async ({ input, recordId }) => {
        const records = await auditRecords(workspace.home, { type: 'capability_check' })
        recorded.push(records.filter(({ id }) => id === recordId).length)
        effects.push(`${name} ${input.id}`)
        return name
      },
    })
  await writeScript(workspace, 'orders', { source, more })
  const host = await openWorkspaceHost(workspace, {
    functions: [declare('read'), declare('write')],
    ...options,
    policy: { grants: { orders: ['orders.read:*', 'orders.write:mine'] }, ...options.policy },
  })
  return {
    workspace,
    host,
    effects,
    /** How many records each run found of itself on disk. */
    recorded,
    [Symbol.asyncDispose]: async () => {
      await host[Symbol.asyncDispose]()
      await workspace[Symbol.asyncDispose]()
    },
  }
}

test('each decision is one record, allowed or denied, and the log verifies', async () => {
  await using open = await openOrders()
  const { host, workspace } = open
  await host.call('orders', 'read', 'a', { user: 'amy', workspace: 'shop' })
  await host.call('orders', 'write', 'mine')
  await expect(host.call('orders', 'write', 'yours')).rejects.toMatchObject({ code: 'capability.denied' })
  await host[Symbol.asyncDispose]()
  const records = await auditRecords(workspace.home)
  const checks = records.filter(({ type }) => type === 'capability_check')
  expect(checks).toMatchObject([
    { result: 'allowed', capabilities: ['orders.read:a'], function: 'orders.read', user: 'amy', workspace: 'shop' },
    { result: 'allowed', capabilities: ['orders.write:mine'], action: 'write', plugin: 'orders' },
    { result: 'denied', capabilities: ['orders.write:yours'], details: { layer: 'grant' } },
  ])
  expect(new Set(checks.map(({ callId }) => callId)).size).toBe(3)
  const ended = records.filter(({ type }) => type === 'call_ended')
  expect(ended.map(({ callId }) => callId)).toEqual(checks.map(({ callId }) => callId))
  expect(ended[2]?.why).toBe('capability.denied')
  expect(records.map(({ type }) => type)).toEqual(expect.arrayContaining(['plugin_loaded', 'plugin_unloaded']))
  expect(await verifyAudit(workspace.home)).toMatchObject({ ok: true, problems: [] })
})

test('the record of a write is on disk before the write', async () => {
  await using open = await openOrders()
  await open.host.call('orders', 'write', 'mine')
  expect(open.recorded).toEqual([1])
})

test('security-only leaves reads and calls out, and keeps writes and denials', async () => {
  await using open = await openOrders({ policy: { audit: { level: 'security-only' } } })
  const { host, workspace } = open
  await host.call('orders', 'read', 'a')
  await host.call('orders', 'write', 'mine')
  await expect(host.call('orders', 'write', 'yours')).rejects.toMatchObject({ code: 'capability.denied' })
  await host[Symbol.asyncDispose]()
  const kept = (await auditRecords(workspace.home)).filter(({ type }) => type !== 'log_opened')
  expect(kept.map(({ result, function: name }) => `${result} ${name}`)).toEqual([
    'allowed orders.write',
    'denied orders.write',
  ])
})

test('a log that is taken away refuses every write, and no effect happens', async () => {
  await using open = await openOrders()
  const { host, workspace, effects } = open
  await host.call('orders', 'write', 'mine')
  await rename(`${workspace.home}/audit`, `${workspace.home}/moved`)
  await workspace.write('home/audit', 'not a folder')
  const ends: HostEvents['call:end'][] = []
  host.on('call:end', (event) => ends.push(event))
  await expect(host.call('orders', 'write', 'mine')).rejects.toMatchObject({
    code: 'capability.denied',
    details: { layer: 'audit' },
  })
  await expect(host.call('orders', 'read', 'a')).rejects.toMatchObject({ code: 'capability.denied' })
  await expect(host.call('orders', 'ping')).rejects.toMatchObject({ code: 'audit.unavailable' })
  expect(effects).toEqual(['write mine'])
  expect(ends.map(({ ok }) => ok)).toEqual([false, false, false])
})

test('a plugin whose loading cannot be recorded does not stay loaded', async () => {
  await using open = await openOrders()
  const { host, workspace } = open
  await host.call('orders', 'ping')
  await rename(`${workspace.home}/audit`, `${workspace.home}/moved`)
  // In the way of the log, which would begin another chain in a new folder a second later.
  await workspace.write('home/audit', 'not a folder')
  await expect(host.call('orders', 'write', 'mine')).rejects.toMatchObject({ details: { layer: 'audit' } })
  await host.unloadPlugin('orders')
  const before = openCompartments()
  await expect(host.call('orders', 'ping')).rejects.toMatchObject({ code: 'audit.unavailable' })
  expect(host.getPluginStatus('orders').state).toBe('error')
  expect(openCompartments()).toBe(before)
})

test('a policy that is not fail-closed goes on without the log', async () => {
  await using open = await openOrders({ policy: { audit: { failClosed: false } } })
  await open.host.call('orders', 'ping')
  await rename(`${open.workspace.home}/audit`, `${open.workspace.home}/moved`)
  expect(await open.host.call('orders', 'write', 'mine')).toBe('write')
  await expect(open.host.call('orders', 'write', 'yours')).rejects.toMatchObject({ details: { layer: 'grant' } })
})
