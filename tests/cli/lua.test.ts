// `bulkhead run` on Lua: a lone file, a folder with modules, and errors with their place.

import { expect, test } from 'vitest'
import { bulkhead } from '../support/cli.ts'
import { openWorkspace } from '../support/workspace.ts'

test('a lone file runs, and grants hold for it', async () => {
  await using workspace = await openWorkspace()
  const options = { ...workspace, cwd: workspace.path }
  await workspace.write('data/log.txt', 'land ahoy')
  await workspace.write(
    'sea.lua',
    `function shout(input) return input.text:upper() end
     function read() return host.fs.read_text('./data/log.txt') end`,
  )
  const shout = await bulkhead(['run', './sea.lua', 'shout', '--input', '{"text":"ahoy"}'], options)
  expect(shout).toMatchObject({ code: 0, err: '' })
  expect(shout.out.toString()).toBe('AHOY\n')
  const denied = await bulkhead(['run', './sea.lua', 'read', '--json'], options)
  expect(denied.code).toBe(4)
  expect(denied.json().error.code).toBe('capability.denied')
  const granted = await bulkhead(['run', './sea.lua', 'read', '-g', 'filesystem.read:./data', '--json'], options)
  expect(granted.json()).toMatchObject({ ok: true, output: 'land ahoy' })
})

test('a folder runs with its modules', async () => {
  await using workspace = await openWorkspace()
  await workspace.write(
    'plugin/plugin.yaml',
    'manifest: 1\nname: sums\nversion: 1.0.0\ntype: tool\nexecution:\n  tier: script\n  entry: main.lua\n',
  )
  await workspace.write('plugin/main.lua', `local sum = require 'lib.sum'\nfunction add(a, b) return sum(a, b) end`)
  await workspace.write('plugin/lib/sum.lua', `return function(a, b) return a + b end`)
  const result = await bulkhead(['run', './plugin', 'add', '-i', '{"a":1,"b":2}', '--json'], {
    ...workspace,
    cwd: workspace.path,
  })
  expect(result.json()).toMatchObject({ ok: true, output: 3 })
})

test('errors have their place', async () => {
  await using workspace = await openWorkspace()
  const options = { ...workspace, cwd: workspace.path }
  await workspace.write('bad.lua', `function run()\n  local t = nil\n  return t.x\nend`)
  const failed = await bulkhead(['run', './bad.lua', 'run', '--json'], options)
  expect(failed.code).toBe(1)
  expect(failed.json().error).toMatchObject({
    code: 'plugin.failed',
    message: expect.stringContaining("attempt to index a nil value (local 't') (bad.lua:3)"),
  })
  await workspace.write('worse.lua', `function run()\n  return = 1\nend`)
  const refused = await bulkhead(['run', './worse.lua', 'run', '--json'], options)
  expect(refused.code).toBe(3)
  expect(refused.json().error).toMatchObject({ code: 'artifact.compile' })
})
