// Plugins written with the SDK, loaded as an author writes them.

import { afterAll, describe, expect, it } from 'vitest'
import { callScript, dispatchOver, loadScript, openFolder } from '../test/fixtures.ts'
import { makeScriptRuntime } from './runtime.ts'

const runtime = makeScriptRuntime()
afterAll(() => runtime[Symbol.asyncDispose]())

const pure = ['graph', 'yaml', 'csv', 'regex', 'time']
const source = `
import { defineAction, definePlugin, PluginError } from '@bulkhead/sdk'

const greet = defineAction({
  description: 'Greets everybody.',
  risk: 'read-only',
  input: { type: 'object', properties: { items: { type: 'array', items: { type: 'object', properties: { name: { type: 'string' } }, required: ['name'] } } }, required: ['items'] },
  output: { type: 'array', items: { type: 'string', minLength: 6 } },
  run: (input) => input.items.map((item) => 'Ahoy ' + item.name),
})
const fetchTitle = defineAction({
  input: { type: 'string' },
  uses: ['http'],
  run: async (url, { http, log }) => {
    const response = await http.get(url)
    log.info('status', response.status)
    return { ok: response.ok, body: response.text() }
  },
})
const areas = defineAction({ input: true, run: (_input, context) => Object.keys(context).sort() })
const fail = defineAction({ input: true, run: () => { throw new PluginError('out of rum', { code: 'rum', details: { left: 0 } }) } })
export default definePlugin({ name: 'sample', actions: { greet, fetchTitle, areas, fail } })
`

describe('definePlugin', () => {
  it('tells its actions with their schemas', async () => {
    await using plugin = await loadScript(runtime, source)
    expect(Object.keys(plugin.actions)).toEqual(['greet', 'fetchTitle', 'areas', 'fail'])
    expect(plugin.actions['greet']).toMatchObject({
      description: 'Greets everybody.',
      risk: 'read-only',
      output: { type: 'array' },
    })
  })

  it('checks input and output, naming the field', async () => {
    await using plugin = await loadScript(runtime, source)
    expect(await callScript(plugin, 'greet', { items: [{ name: 'Ann' }] })).toEqual(['Ahoy Ann'])
    await expect(callScript(plugin, 'greet', { items: [{ name: 'Ann' }, { name: 3 }, {}] })).rejects.toMatchObject({
      code: 'plugin.failed',
      message: expect.stringContaining('input.items[1].name: must be a string'),
      details: {
        guestCode: 'input-invalid',
        guestDetails: [{ path: 'input.items[1].name' }, { path: 'input.items[2].name' }],
      },
    })
    await expect(callScript(plugin, 'greet', { items: [{ name: '' }] })).rejects.toMatchObject({
      message: expect.stringContaining('output[0]'),
      details: { guestCode: 'output-invalid' },
    })
  })

  it('has the areas that the manifest asks for, and says what is missing', async () => {
    await using bare = await loadScript(runtime, source)
    expect(await callScript(bare, 'areas')).toEqual(['action', 'call', 'config', ...pure, 'log'].sort())
    await expect(callScript(bare, 'fetchTitle', 'https://a.example')).rejects.toMatchObject({
      details: { guestCode: 'area-missing', guestDetails: { area: 'http' } },
    })
    await using asking = await loadScript(runtime, source, {
      asks: ['network:https://a.example/*', 'filesystem.read:./x', 'storage'],
    })
    expect(await callScript(asking, 'areas')).toEqual(
      ['action', 'call', 'config', 'fs', 'http', 'kv', 'log', ...pure].sort(),
    )
    const dispatch = dispatchOver({
      'http.request': () => ({
        status: 200,
        headers: {},
        body: new TextEncoder().encode('<title>'),
        url: 'u',
        redirected: false,
      }),
    })
    expect(await callScript(asking, 'fetchTitle', 'https://a.example', { dispatch })).toEqual({
      ok: true,
      body: '<title>',
    })
  })

  it('reports its own failures with its own code', async () => {
    await using plugin = await loadScript(runtime, source)
    await expect(callScript(plugin, 'fail')).rejects.toMatchObject({
      code: 'plugin.failed',
      details: { name: 'PluginError', guestCode: 'rum', guestDetails: { left: 0 }, file: 'main.ts', line: 21 },
    })
  })
})

describe('errors at load', () => {
  it('point at the line that does not compile', async () => {
    await expect(loadScript(runtime, 'const a = 1\nexport const b = = 2')).rejects.toMatchObject({
      code: 'artifact.compile',
      details: { file: 'main.ts', line: 2, column: 18, frame: '2 | export const b = = 2\n  |                  ^' },
    })
    await expect(loadScript(runtime, 'const a = 1\nexport const b = = 2', { entry: 'a.js' })).rejects.toMatchObject({
      code: 'artifact.compile',
      details: { file: 'a.js', line: 2 },
    })
  })

  it('point at what the top level threw, in the file it is in', async () => {
    await using folder = await openFolder({ 'lib/boom.ts': 'type A = 1\n\nthrow new RangeError("boom")' })
    await expect(loadScript(runtime, `import './lib/boom.ts'`, { root: folder.path })).rejects.toMatchObject({
      code: 'plugin.failed',
      details: { file: 'lib/boom.ts', line: 3 },
    })
  })

  it('refuse host calls before a call', async () => {
    await expect(loadScript(runtime, `await host.kv.get('a'); export const run = () => 1`)).rejects.toMatchObject({
      code: 'plugin.failed',
      message: expect.stringContaining('outside of a call'),
    })
  })

  it('await at the top level works', async () => {
    await using plugin = await loadScript(
      runtime,
      `const seven = await Promise.resolve(7); export const run = () => seven`,
    )
    expect(await callScript(plugin, 'run')).toBe(7)
  })
})
