// What a plugin needs to be there before it runs: its configuration, its dependencies, a host that fits; and what it
// reads of the environment.

import { expect, test } from 'vitest'
import { openWorkspaceHost, writeScript } from '../support/host.ts'
import { openWorkspace } from '../support/workspace.ts'

const ping = 'export const ping = () => 1'

test('configuration is checked against the manifest’s schema before the plugin loads', async () => {
  await using workspace = await openWorkspace()
  await writeScript(workspace, 'greeter', {
    source: 'export const greet = (name) => `${host.config.greeting}, ${name}, ${host.config.times}`',
    more: 'config: { type: object, properties: { greeting: { type: string }, times: { type: integer } }, required: [greeting], additionalProperties: false }',
  })
  const greetWith = async (config: Record<string, never>) => {
    await using host = await openWorkspaceHost(workspace, { config: { greeter: config } })
    return await host.call('greeter', 'greet', 'Amy')
  }
  expect(await greetWith({ greeting: 'Ahoy', times: 2 } as never)).toBe('Ahoy, Amy, 2')
  for (const [config, field] of [
    [{}, 'greeting'],
    [{ greeting: 5 }, 'greeting'],
    [{ greeting: 'Ahoy', times: 'often' }, 'times'],
    [{ greeting: 'Ahoy', more: 1 }, 'more'],
  ]) {
    await expect(greetWith(config as never)).rejects.toMatchObject({
      code: 'config.invalid',
      message: expect.stringContaining(String(field)),
    })
  }
  await using none = await openWorkspaceHost(workspace)
  await expect(none.call('greeter', 'greet', 'Amy')).rejects.toMatchObject({ code: 'config.invalid' })
})

test('secrets stand before the environment, and only what is granted is set', async () => {
  await using workspace = await openWorkspace()
  await writeScript(workspace, 'reader', {
    source: 'export const read = async (name) => (await host.env.get(name)) ?? null',
    more: "permissions: { env: ['TOKEN', 'PLACE', 'BULKHEAD_HOME'] }",
  })
  await using host = await openWorkspaceHost(workspace, {
    env: { TOKEN: 'from the environment', PLACE: 'Oslo', OTHER: 'hidden', BULKHEAD_HOME: '/secret' },
    secrets: { TOKEN: 'from the secrets' },
    policy: { grants: { reader: ['env:TOKEN', 'env:PLACE', 'env:BULKHEAD_HOME'] } },
  })
  expect(await host.call('reader', 'read', 'TOKEN')).toBe('from the secrets')
  expect(await host.call('reader', 'read', 'PLACE')).toBe('Oslo')
  for (const name of ['OTHER', 'NOWHERE', 'BULKHEAD_HOME', 'PATH']) {
    expect(await host.call('reader', 'read', name)).toBeNull()
  }
})

test('a plugin runs only with its dependencies: there, in range, and in no circle', async () => {
  await using workspace = await openWorkspace()
  const plugins = {
    base: {},
    good: { more: 'dependencies: { base: ^1.0.0 }' },
    old: { more: 'dependencies: { base: ^2.0.0 }' },
    lonely: { more: 'dependencies: { bases: "*" }' },
    round: { more: 'dependencies: { about: "*" }' },
    about: { more: 'dependencies: { round: "*" }' },
    behind: { more: 'dependencies: { lonely: "*" }' },
  }
  for (const [name, plugin] of Object.entries(plugins)) await writeScript(workspace, name, { source: ping, ...plugin })
  await using host = await openWorkspaceHost(workspace)
  expect(await host.call('good', 'ping')).toBe(1)
  const refusals = {
    old: ['dependency.version', 'base ^2.0.0'],
    lonely: ['dependency.missing', 'bases'],
    round: ['dependency.cycle', 'about → round → about'],
    about: ['dependency.cycle', 'about → round → about'],
    behind: ['dependency.missing', 'lonely'],
  }
  for (const [name, [code = '', text = '']] of Object.entries(refusals)) {
    await expect(host.call(name, 'ping')).rejects.toMatchObject({ code, message: expect.stringContaining(text) })
  }
  await expect(host.call('lonely', 'ping')).rejects.toMatchObject({ hint: expect.stringContaining('base') })
  const later = await writeScript(workspace, 'bases', { source: ping, folder: 'more' })
  await host.loadPlugin(later)
  expect(await host.call('lonely', 'ping')).toBe(1)
  expect(await host.call('behind', 'ping')).toBe(1)
})

test('a plugin for another version of the host is refused by name', async () => {
  await using workspace = await openWorkspace()
  await writeScript(workspace, 'old', { source: ping, more: "engine: '>=0.1.0 <1'" })
  await writeScript(workspace, 'ahead', { source: ping, more: "engine: '>=7'" })
  await using host = await openWorkspaceHost(workspace)
  expect(await host.call('old', 'ping')).toBe(1)
  await expect(host.call('ahead', 'ping')).rejects.toMatchObject({
    code: 'engine.incompatible',
    message: expect.stringContaining('>=7'),
  })
})

test('a tier that this build does not have is said to be missing', async () => {
  await using workspace = await openWorkspace()
  await workspace.write(
    'plugins/program/plugin.yaml',
    'name: program\nversion: 1.0.0\ntype: tool\nexecution: { tier: container, entry: run, protocol: jsonrpc }\n',
  )
  await workspace.write('plugins/program/run', '#!/bin/sh\ntouch ran\n')
  await using host = await openWorkspaceHost(workspace)
  await expect(host.call('program', 'anything')).rejects.toMatchObject({ code: 'runtime.missing' })
})

test.each([{ maxPlugins: 0 }, { maxPlugins: Number.NaN }, { ttlMs: -1 }])(
  'cache bounds that bound nothing: %j',
  async (cache) => {
    await using workspace = await openWorkspace()
    await expect(openWorkspaceHost(workspace, { plugins: [], cache })).rejects.toMatchObject({ code: 'config.invalid' })
  },
)

test('a disabled plugin is known and not run', async () => {
  await using workspace = await openWorkspace()
  await writeScript(workspace, 'off', { source: ping })
  await workspace.write('plugins/off/.disabled', '')
  await using host = await openWorkspaceHost(workspace)
  expect(host.listPlugins()).toEqual([expect.objectContaining({ id: 'off', enabled: false, state: 'discovered' })])
  await expect(host.call('off', 'ping')).rejects.toMatchObject({ code: 'plugin.disabled' })
})
