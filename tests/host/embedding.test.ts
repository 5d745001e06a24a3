// An embedding program with a host function of its own, reached from a plugin of each tier, with and without the grant.

import { defineHostFunction, openHost } from '@bulkhead/host'
import { expect, test } from 'vitest'
import { z } from 'zod'
import { askModule } from '../support/modules.ts'
import { openWorkspace } from '../support/workspace.ts'

const lookup = defineHostFunction({
  name: 'orders.lookup',
  input: z.strictObject({ id: z.string() }),
  output: z.object({ total: z.number() }),
  needs: ({ id }) => [{ name: 'orders.read', scope: id }],
  risk: 'read-only',
  run: ({ input }) => ({ total: input.id.length * 10 }),
})

const manifest = (name: string, tier: string, entry: string): string => `
manifest: 1
name: ${name}
version: 1.0.0
type: tool
execution: { tier: ${tier}, entry: ${entry} }
capabilities: ['orders.read:*']
`

const openPlugins = async () => {
  const workspace = await openWorkspace()
  await workspace.write('plugins/scripted/plugin.yaml', manifest('scripted', 'script', 'index.js'))
  await workspace.write('plugins/scripted/index.js', "export const ask = () => host.orders.lookup({ id: 'abc' })")
  await workspace.write('plugins/compiled/plugin.yaml', manifest('compiled', 'wasm', 'plugin.wasm'))
  await workspace.write('plugins/compiled/plugin.wasm', await askModule('orders_lookup', '{"id":"abc"}'))
  return workspace
}

test('with the grant both tiers are answered', async () => {
  await using workspace = await openPlugins()
  await using host = await openHost({
    home: workspace.home,
    workspaceRoot: workspace.path,
    plugins: [`${workspace.path}/plugins`],
    functions: [lookup],
    policy: { grants: { scripted: ['orders.read:*'], compiled: ['orders.read:abc'] } },
  })
  expect(await host.call('scripted', 'ask')).toEqual({ total: 30 })
  expect(await host.call('compiled', 'ask')).toEqual({ ok: { total: 30 } })
})

test('without it both are refused, and a refusal that the guest lets escape is the host’s own error', async () => {
  await using workspace = await openPlugins()
  await using host = await openHost({
    home: workspace.home,
    workspaceRoot: workspace.path,
    plugins: [`${workspace.path}/plugins`],
    functions: [lookup],
    policy: { grants: { scripted: ['orders.read:other'] } },
  })
  await expect(host.call('scripted', 'ask')).rejects.toMatchObject({
    code: 'capability.denied',
    hint: expect.stringContaining('orders.read:abc'),
  })
  expect(await host.call('compiled', 'ask')).toMatchObject({ error: { code: 'capability.denied' } })
})

test('a plugin whose manifest does not ask gets nothing, whatever was granted', async () => {
  await using workspace = await openPlugins()
  await workspace.write(
    'plugins/scripted/plugin.yaml',
    manifest('scripted', 'script', 'index.js').replace(/capabilities.*/, ''),
  )
  await using host = await openHost({
    home: workspace.home,
    workspaceRoot: workspace.path,
    plugins: [`${workspace.path}/plugins/scripted`],
    functions: [lookup],
    policy: { grants: { scripted: ['*'] } },
  })
  await expect(host.call('scripted', 'ask')).rejects.toMatchObject({
    code: 'capability.denied',
    details: { layer: 'not-asked' },
  })
})
