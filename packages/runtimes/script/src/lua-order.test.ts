// Objects of Lua leave in the order of their keys' bytes: the same in every run, in documents and in what is stored.

import { afterAll, expect, test } from 'vitest'
import { callScript, loadScript } from '../test/fixtures.ts'
import { makeScriptRuntime } from './runtime.ts'

const runtime = makeScriptRuntime()
afterAll(() => runtime[Symbol.asyncDispose]())

test('keys of objects come in the order of their bytes', async () => {
  await using plugin = await loadScript(
    runtime,
    `function sent() return { zeta = 1, ['é'] = 2, alpha = { b = 1, a = 2, B = 3 }, ['a'] = { 3, 2, 1 }, ab = 1 } end
     function many() local t = {} for i = 1000, 1, -1 do t[string.format('k%04d', i)] = i end return t end`,
    { entry: 'main.lua' },
  )
  const sent = await callScript(plugin, 'sent')
  expect(JSON.stringify(sent)).toBe('{"a":[3,2,1],"ab":1,"alpha":{"B":3,"a":2,"b":1},"zeta":1,"é":2}')
  const many = Object.keys((await callScript(plugin, 'many')) as object)
  expect(many).toHaveLength(1000)
  expect(many).toEqual(many.toSorted())
})

test('a finalizer cannot change what is being sent', async () => {
  await using plugin = await loadScript(
    runtime,
    `local t, armed = {}, false
     local function bait()
       setmetatable({}, { __gc = function() if armed then for k in pairs(t) do t[k] = nil end end bait() end })
     end
     function run()
       local json = require('bulkhead.json')
       for _ = 1, 200 do bait() end
       for i = 1, 500 do
         t['key' .. i] = {}
         for j = 1, 200 do t['key' .. i]['inner' .. j] = j end
       end
       armed = true
       local text = json.encode(t)
       armed = false
       local count = 0
       for _, value in pairs(json.decode(text)) do if type(value) == 'table' and next(value) then count = count + 1 end end
       return count
     end`,
    { entry: 'main.lua' },
  )
  for (let turn = 0; turn < 5; turn++) expect(await callScript(plugin, 'run')).toBe(500)
})
