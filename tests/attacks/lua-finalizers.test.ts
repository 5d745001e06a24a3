// Finalizers run wherever Lua allocates, also while answers are being taken in. One that makes host calls of its own must
// neither get another's answer nor write over it.

import { afterAll, expect, test } from 'vitest'
import { makeScriptRuntime } from '../../packages/runtimes/script/src/runtime.ts'
import { callScript, dispatchOver, loadScript } from '../../packages/runtimes/script/test/fixtures.ts'

const runtime = makeScriptRuntime()
afterAll(() => runtime[Symbol.asyncDispose]())

const source = `
local count = 0
local function arm(times)
  setmetatable({}, { __gc = function()
    if count >= 400 then return end
    count = count + 1
    local mine = { 'finalizer', count, string.rep('y', count * 37 % 5000) }
    local got = host.call('a.b', mine).got
    assert(got[2] == mine[2] and got[3] == mine[3], 'the answer of another')
    arm()
  end })
end
function run()
  for _ = 1, 40 do arm() end
  for index = 1, 400 do
    local text = string.rep('x', index * 97 % 4000)
    local got = host.call('a.b', { index, text }).got
    if got[1] ~= index or got[2] ~= text then error('the answer of another at ' .. index) end
    if index % 20 == 0 then collectgarbage('step') end
  end
  return count
end`

test('each call gets its own answer', async () => {
  await using plugin = await loadScript(runtime, source, { entry: 'a.lua' })
  const dispatch = dispatchOver({ 'a.b': (got) => ({ got }) })
  expect(await callScript(plugin, 'run', null, { dispatch })).toBeGreaterThan(10)
})
