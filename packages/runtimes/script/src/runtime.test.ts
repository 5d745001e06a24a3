import { afterAll, describe, expect, it } from 'vitest'
import { callScript, dispatchOver, loadScript, openFolder } from '../test/fixtures.ts'
import { makeScriptRuntime } from './runtime.ts'

const runtime = makeScriptRuntime()
afterAll(() => runtime[Symbol.asyncDispose]())

describe('a lone file', () => {
  it('offers its exported functions as actions', async () => {
    await using plugin = await loadScript(
      runtime,
      `export function slugify(input: { text: string }) { return input.text.toLowerCase().replace(/\\W+/g, '-') }
       export async function twice(input: number): Promise<number> { return input * 2 }
       export class Helper {}
       export const constant = 3`,
    )
    expect(Object.keys(plugin.actions)).toEqual(['slugify', 'twice'])
    expect(await callScript(plugin, 'slugify', { text: 'Hello, World' })).toBe('hello-world')
    expect(await callScript(plugin, 'twice', 21)).toBe(42)
  })

  it('runs plain JavaScript as it stands', async () => {
    await using plugin = await loadScript(runtime, `export const shout = (text) => text.toUpperCase()`, {
      entry: 'a.js',
    })
    expect(await callScript(plugin, 'shout', 'ahoy')).toBe('AHOY')
  })

  it('says which action is unknown', async () => {
    await using plugin = await loadScript(runtime, `export const a = () => 1`)
    await expect(callScript(plugin, 'constructor', {})).rejects.toMatchObject({ code: 'action.unknown' })
  })
})

describe('host calls', () => {
  it('run at once under Promise.all', async () => {
    // Each answer waits until all four calls are there: one after the other would never end.
    let arrived = 0
    const all = Promise.withResolvers<void>()
    const dispatch = dispatchOver({
      'orders.lookup': async (input) => {
        if (++arrived === 4) all.resolve()
        await all.promise
        return { got: input }
      },
    })
    await using plugin = await loadScript(
      runtime,
      `export const all = async (ids) => (await Promise.all(ids.map((id) => host.orders.lookup({ id })))).map((r) => r.got.id)`,
      { entry: 'a.js', functions: ['orders.lookup'] },
    )
    expect(await callScript(plugin, 'all', [1, 2, 3, 4], { dispatch })).toEqual([1, 2, 3, 4])
  })
})

describe('bundles', () => {
  it('takes in files, JSON and text of the folder', async () => {
    await using folder = await openFolder({
      'src/main.ts': '',
      'src/lib.ts': `export const greet = (name: string): string => 'Ahoy ' + name`,
      'data.json': '{"port": 7}',
      'note.txt': 'a note',
    })
    await using plugin = await loadScript(
      runtime,
      `import { greet } from './lib.js'
       import data from '../data.json'
       import note from '../note.txt'
       export const run = () => [greet('crew'), data.port, note]`,
      { root: folder.path, entry: 'src/main.ts' },
    )
    expect(await callScript(plugin, 'run')).toEqual(['Ahoy crew', 7, 'a note'])
  })
})

describe('failures', () => {
  it('point at the author’s own line', async () => {
    await using plugin = await loadScript(
      runtime,
      [
        'interface A { a: number }',
        'type B = A',
        '',
        'function check(a: A): B {',
        "  throw new TypeError('bad ' + a.a)",
        '}',
        'export const run = (a: A) => check(a)',
      ].join('\n'),
    )
    await expect(callScript(plugin, 'run', { a: 1 })).rejects.toMatchObject({
      code: 'plugin.failed',
      message: 'TypeError: bad 1 (main.ts:5:13)',
      details: {
        file: 'main.ts',
        line: 5,
        name: 'TypeError',
        stack: ['at check (main.ts:5:13)', 'at run (main.ts:7:30)'],
      },
    })
  })
})
