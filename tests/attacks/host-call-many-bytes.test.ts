// A Lua script sends byte strings by the ten thousand that hold a byte each: a few kilobytes in its own memory, and an object
// apiece outside of it, where no limit of the guest counts them.

import { afterAll, expect, test } from 'vitest'
import { makeScriptRuntime } from '../../packages/runtimes/script/src/runtime.ts'
import { callScript, loadScript } from '../../packages/runtimes/script/test/fixtures.ts'

const runtime = makeScriptRuntime()
afterAll(() => runtime[Symbol.asyncDispose]())

const source = `
  local function refusals(value)
    local refused, ended = 0, 0
    for _ = 1, 30 do
      host.spawn(function()
        local ok, failure = pcall(host.call, 'a.b', value)
        if not ok and failure.code == 'limit.memory' then refused = refused + 1 end
        ended = ended + 1
      end)
    end
    while ended < 30 do host.sleep(1) end
    return refused
  end
  function many()
    local list = host.array{}
    for at = 1, 10000 do list[at] = '\\255' end
    return refusals(list)
  end
  function one() return refusals(host.array{ string.rep("\\255", 10000) }) end`

test('what waits for answers is counted with what each byte string takes', async () => {
  await using plugin = await loadScript(runtime, source, { entry: 'a.lua', functions: ['a.b'] })
  // No answer comes before all have been sent.
  const dispatch = async () => {
    await new Promise((resolve) => setTimeout(resolve, 1000))
    return { ok: true as const, payload: { json: '1' } }
  }
  expect(await callScript(plugin, 'one', null, { dispatch })).toBe(0)
  expect(await callScript(plugin, 'many', null, { dispatch })).toBeGreaterThan(0)
})
