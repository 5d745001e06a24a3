import type { PluginStorage, StorageSpace } from '@bulkhead/host'
import { expect, test } from 'vitest'
import { runWith } from '../fakes.ts'

/** A storage that answers with two keys and remembers what it was asked. */
const makeFakeStorage = () => {
  const asked: unknown[] = []
  const values = new Map<string, number | string>([
    ['fight/1', 7],
    ['fight/2', 'x\u001b[31m\u202e'],
  ])
  const see = <T>(name: string, rest: readonly unknown[], answer: T): T => {
    asked.push([name, ...rest])
    return answer
  }
  const storage: PluginStorage = {
    list: async () => [
      { scope: 'plugin', owner: 'file:/p#text-tools', plugin: 'text-tools', keys: 2, bytes: 300 },
      { scope: 'plugin', owner: 'file:/gone#gone', keys: 1, bytes: 100 },
      { scope: 'global', owner: '', keys: 1, bytes: 100 },
    ],
    entries: async (space, options) =>
      see('entries', [space, options], {
        entries: [...values].map(([key, value], index) => ({ key, value, version: index + 1 })),
        cursor: 'fight/2',
      }),
    get: async (space, key) => {
      const value = values.get(key)
      return see('get', [space, key], value === undefined ? undefined : { key, value, version: 1 })
    },
    delete: async (space, key) => see('delete', [space, key], values.has(key)),
    clear: async (space, options) => see('clear', [space, options], 2),
  }
  return { asked, library: { storage } }
}

const own: StorageSpace = { scope: 'plugin', plugin: 'text-tools' }

test('without a subcommand: who stores how much, those that are gone as well', async () => {
  const { library } = makeFakeStorage()
  const shown = await runWith(['state'], { library })
  expect(shown).toMatchObject({ exitCode: 0 })
  expect(shown.out).toMatch(/plugin +2 +300 +text-tools\n/)
  expect(shown.out).toContain('file:/gone#gone')
  expect(shown.out).toContain('@global')
  const told = await runWith(['state', '--json'], { library })
  expect(told.json()).toMatchObject({ ok: true, spaces: [{ plugin: 'text-tools', keys: 2 }, {}, {}] })
  expect((await runWith(['state'])).out).toBe('Nothing is stored.\n')
})

test('list shows a page, and nothing in it steers the terminal', async () => {
  const { asked, library } = makeFakeStorage()
  const shown = await runWith(['state', 'list', 'text-tools', '--prefix', 'fight/', '-n', '2'], { library })
  expect(shown.exitCode).toBe(0)
  expect(shown.out).toMatch(/fight\/1 +1 +7\n/)
  // oxlint-disable-next-line no-control-regex -- the escape character is what must not be there.
  expect(shown.out).not.toMatch(/[\u001b\u202e]/)
  expect(shown.err).toContain('--cursor "fight/2"')
  expect(asked).toEqual([['entries', own, { limit: 2, prefix: 'fight/' }]])
  expect((await runWith(['state', 'list', 'text-tools', '-n', '1001'], { library })).exitCode).toBe(2)
  expect((await runWith(['state', 'list', 'nobody'], { library })).exitCode).toBe(2)
})

test('get prints one value as JSON; an absent key is a wrong usage', async () => {
  const { library } = makeFakeStorage()
  expect(await runWith(['state', 'get', 'text-tools', 'fight/1'], { library })).toMatchObject({
    exitCode: 0,
    out: '7\n',
  })
  const told = await runWith(['state', 'get', 'text-tools', 'fight/1', '--json'], { library })
  expect(told.json()).toMatchObject({ ok: true, key: 'fight/1', value: 7, version: 1 })
  const absent = await runWith(['state', 'get', 'text-tools', 'none', '--json'], { library })
  expect(absent.exitCode).toBe(2)
})

test('names, principals that are gone, and shared namespaces lead to the right one', async () => {
  for (const [owner, space] of [
    ['text-tools', own],
    ['file:/gone#gone', { scope: 'plugin', plugin: 'file:/gone#gone' }],
    ['@workspace', { scope: 'workspace' }],
    ['@global', { scope: 'global' }],
  ] as const) {
    const { asked, library } = makeFakeStorage()
    expect(await runWith(['state', 'delete', owner, 'fight/1'], { library })).toMatchObject({ exitCode: 0, out: '' })
    expect(asked).toEqual([['delete', space, 'fight/1']])
  }
})

test('a name that is not installed leads to the principals of that name; other shared namespaces there are none', async () => {
  const { library } = makeFakeStorage()
  const gone = await runWith(['state', 'list', 'gone'], { library })
  expect(gone).toMatchObject({ exitCode: 2, out: '' })
  expect(gone.err).toContain("hint: Name whose data it is: 'file:/gone#gone'.\n")
  const shared = await runWith(['state', 'list', '@globl'], { library })
  expect(shared.exitCode).toBe(2)
  expect(shared.err).toContain('Write @workspace or @global.')
})

test('clear asks, and deletes nothing unless the answer is yes', async () => {
  for (const [argv, io, exitCode] of [
    [['--yes'], {}, 0],
    [[], {}, 2],
    [[], { tty: true, answers: ['y'] }, 0],
    [[], { tty: true, answers: ['no'] }, 2],
    [[], { tty: true, answers: [undefined] }, 2],
  ] as const) {
    const { asked, library } = makeFakeStorage()
    const result = await runWith(['state', 'clear', 'text-tools', '--prefix', 'fight/', ...argv], { library, io })
    expect(result.exitCode).toBe(exitCode)
    expect(asked).toEqual(exitCode === 0 ? [['clear', own, { prefix: 'fight/' }]] : [])
  }
})
