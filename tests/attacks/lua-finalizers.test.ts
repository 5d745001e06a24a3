// Finalizers run wherever Lua allocates, also while answers are being taken in. One that makes host calls of its own must
// neither get another's answer nor write over it, nor leave another waiting for what has come.

import { afterAll, expect, test } from 'vitest'
import { makeScriptRuntime } from '../../packages/runtimes/script/src/runtime.ts'
import { callScript, dispatchOver, loadScript } from '../../packages/runtimes/script/test/fixtures.ts'

const runtime = makeScriptRuntime()
afterAll(() => runtime[Symbol.asyncDispose]())

const source = `
local count = 0
local function arm()
  setmetatable({}, { __gc = function()
    count = count + 1
    local mine = string.rep('y', count % 50)
    assert(host.call('a.b', mine) == mine, 'the answer of another')
    arm()
  end })
end
function run()
  for _ = 1, 200 do arm() end
  for index = 1, 6000 do
    if host.call('a.b', index) ~= index then error('the answer of another at ' .. index) end
  end
  return count
end`

test('each call gets its own answer', { timeout: 120_000 }, async () => {
  const limits = { hostCalls: 10_000_000, cpuMs: 100_000 }
  await using plugin = await loadScript(runtime, source, { entry: 'a.lua', boundary: 'inline', limits })
  const dispatch = dispatchOver({ 'a.b': (got) => got })
  expect(await callScript(plugin, 'run', null, { dispatch, limits, wallMs: 100_000 })).toBeGreaterThan(1000)
})
