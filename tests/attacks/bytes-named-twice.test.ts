// A plugin hands over one byte string and refers to it many times. What is small on the wire would be terabytes once somebody
// writes the value down as JSON, and the host's own heap is no guest's memory.

import { defineHostFunction, packPayload, unpackPayload } from '@bulkhead/kernel'
import { afterAll, expect, test } from 'vitest'
import { z } from 'zod'
import { makeScriptRuntime } from '../../packages/runtimes/script/src/runtime.ts'
import { callScript, loadScript } from '../../packages/runtimes/script/test/fixtures.ts'
import { openDoor } from '../support/door.ts'

const runtime = makeScriptRuntime()
afterAll(() => runtime[Symbol.asyncDispose]())

const languages = {
  'a.js': `
    export const twice = () => [new Uint8Array([255]), { $blob: 0 }]
    export const once = () => [new Uint8Array([255]), new Uint8Array([255])]`,
  'a.lua': `
    function twice() return { '\\255', { ['$blob'] = 0 } } end
    function once() return { '\\255', '\\255' } end`,
}

test.for(Object.entries(languages))(
  '%s cannot say one byte string twice in what it returns',
  async ([entry, source]) => {
    await using plugin = await loadScript(runtime, source, { entry })
    const one = new Uint8Array([255])
    expect(await callScript(plugin, 'once')).toEqual([one, one])
    await expect(callScript(plugin, 'twice')).rejects.toMatchObject({ code: 'input.invalid' })
  },
)

test('the input of a host call cannot do it either, and a byte string that is named once comes as it is', async () => {
  const echo = defineHostFunction({
    name: 'test.count',
    input: z.array(z.instanceof(Uint8Array)),
    output: z.number(),
    needs: () => [],
    run: ({ input }) => input.length,
  })
  const { session } = openDoor({ functions: [echo] })
  const one = new Uint8Array([255])
  const twice = { json: '[{"$blob":0},{"$blob":0}]', blobs: [one] }
  expect(await session.dispatch('test.count', twice)).toMatchObject({ ok: false, error: { code: 'input.invalid' } })
  // What the host packs carries each as often as it names it.
  const packed = packPayload([one, one])
  expect(unpackPayload(packed, 'it')).toEqual([one, one])
  expect(await session.dispatch('test.count', packed)).toMatchObject({ ok: true, payload: { json: '2' } })
})
