// The manifests that plugin authors of other hosts already have, exactly as those hosts' guides print them.

import { expect, test } from 'vitest'
import { parseManifest, requireManifest } from './parse-manifest.ts'

const parseYaml = (text: string) => parseManifest({ file: 'plugin.yaml', text })

const telegram = `
name: telegram-channel
version: 1.2.0
type: channel
engine: ">= 1.0.0"
license: MIT
capabilities:
  - sessions.read
  - sessions.write
  - messages.send
deny_capabilities:
  - exec.*
execution:
  tier: process
  sandbox:
    network:
      allow:
        - api.telegram.org:443
lifecycle:
  hot_reload: true
  graceful_shutdown_timeout: 30s
`

test('a channel in YAML, with deny list, sandbox and lifecycle', async () => {
  const manifest = await requireManifest({ file: 'plugin.yaml', text: telegram })
  expect(manifest).toMatchObject({
    name: 'telegram-channel',
    version: '1.2.0',
    type: 'channel',
    engine: '>= 1.0.0',
    license: 'MIT',
    denies: ['exec.*'],
    execution: { tier: 'process', sandbox: { network: { allow: ['api.telegram.org:443'], proxy: false } } },
    lifecycle: { hotReload: true, gracefulShutdownTimeoutMs: 30_000 },
  })
  expect(manifest.asks.map((ask) => ask.capability)).toEqual([
    'sessions.read',
    'sessions.write',
    'messages.send',
    'network:api.telegram.org:443',
  ])
})

test('a minimal tool of the process tier', async () => {
  const text = `
name: test-tool
version: 1.0.0
type: tool
execution:
  tier: process
capabilities:
  - sessions.read
`
  expect(await parseYaml(text)).toMatchObject({ faults: [], manifest: { asks: [{ capability: 'sessions.read' }] } })
})

test('a tool that asks for one kind of exec and renounces a write', async () => {
  const text = `
name: test-tool
version: 1.0.0
type: tool
execution:
  tier: process
capabilities:
  - sessions.read
  - exec.run.sandboxed
deny_capabilities:
  - config.write.global
`
  expect(await parseYaml(text)).toMatchObject({ faults: [], manifest: { denies: ['config.write.global'] } })
})

const tomlHead = `
[plugin]
name = "test-auth"
version = "1.0.0"
type = "auth"
description = "Test authentication plugin"

[capabilities]
storage = true
http = ["oauth2.googleapis.com", "*.google.com"]
`

test('an auth plugin in TOML, with a [plugin] table and capabilities by kind', async () => {
  const manifest = await requireManifest({ file: 'plugin.toml', text: tomlHead })
  expect(manifest).toMatchObject({
    name: 'test-auth',
    type: 'auth',
    description: 'Test authentication plugin',
    execution: { tier: 'wasm', entry: 'plugin.wasm' },
    asks: [
      { capability: 'storage' },
      { capability: 'network:oauth2.googleapis.com' },
      { capability: 'network:*.google.com' },
    ],
  })
})

test('the TOML of a plugin guide, comment and all', async () => {
  const text = `[plugin]
name = "my-plugin"
version = "0.1.0"
type = "auth"  # or "tool" or "provider"
description = "My awesome plugin"
author = "Your Name"

[capabilities]
storage = true
http = ["api.example.com"]
`
  const manifest = await requireManifest({ file: 'plugin.toml', text })
  expect(manifest).toMatchObject({ name: 'my-plugin', author: 'Your Name' })
  expect(manifest.asks.map((ask) => ask.capability)).toEqual(['storage', 'network:api.example.com'])
})

test('the TOML of an integration test', async () => {
  const text = `
[plugin]
name = "test-plugin"
version = "1.0.0"
type = "auth"
description = "Test plugin"

[capabilities]
storage = true
http = ["api.example.com"]
`
  expect(await requireManifest({ file: 'plugin.toml', text })).toMatchObject({ name: 'test-plugin', type: 'auth' })
})

test('every field that the TOML shape knows', async () => {
  const text = `
[plugin]
name = "gemini-auth"
version = "1.0.0"
type = "provider"
description = ""
author = ""
homepage = "https://example.com"
license = "MIT"
min_tark_version = "0.5.0"
wasm = "gemini.wasm"

[capabilities]
storage = false
http = ["*.googleapis.com"]
env = ["GEMINI_*", "GOOGLE_API_KEY"]
shell = true
filesystem = ["./notes"]

[config]
any = { value = 1 }
`
  const { manifest, faults, warnings } = await parseManifest({ file: 'plugin.toml', text })
  expect(faults).toEqual([])
  expect(manifest?.execution.entry).toBe('gemini.wasm')
  expect(manifest?.asks.map((ask) => ask.capability)).toEqual([
    'network:*.googleapis.com',
    'env:GEMINI_*',
    'env:GOOGLE_API_KEY',
    'exec:*',
    'filesystem.read:./notes',
    'filesystem.write:./notes',
  ])
  expect(warnings.map((warning) => [warning.line, warning.field])).toContainEqual([10, 'plugin.min_tark_version'])
})

test('an invalid type is refused at its line', async () => {
  const { manifest, faults } = await parseYaml('\nname: bad-plugin\nversion: 1.0.0\ntype: invalid\n')
  expect(manifest).toBeUndefined()
  expect(faults).toMatchObject([{ line: 4, field: 'type', message: expect.stringContaining('"invalid"') }])
})

test('a missing name is refused', async () => {
  const { faults } = await parseYaml('\nversion: 1.0.0\ntype: tool\n')
  expect(faults).toMatchObject([{ field: 'name', message: 'is missing', mend: expect.stringContaining('Add name') }])
})

test('an invalid tier is refused at its line', async () => {
  const { faults } = await parseYaml('\nname: bad-tier\nversion: 1.0.0\ntype: tool\nexecution:\n  tier: quantum\n')
  expect(faults).toMatchObject([{ line: 6, field: 'execution.tier', message: expect.stringContaining('"quantum"') }])
})

test('text that is not YAML is refused with a line', async () => {
  const { faults } = await parseYaml('invalid: [yaml')
  expect(faults).toMatchObject([{ line: 1, message: expect.stringContaining('is not YAML') }])
})
