import fc from 'fast-check'
import { expect, test } from 'vitest'
import { checkEngine } from './engine.ts'
import { type DependencyNode, requireDependencies, resolveDependencies } from './resolve.ts'

const plugin = (name: string, dependencies: Record<string, string> = {}, version = '1.0.0'): DependencyNode => ({
  name,
  version,
  dependencies,
})

test('what is depended on starts first, the rest by name', () => {
  const plugins = [
    plugin('app', { store: '^1.0.0', auth: '*' }),
    plugin('store', { auth: '1.x' }),
    plugin('auth'),
    plugin('b'),
  ]
  expect(resolveDependencies(plugins)).toEqual({ order: ['auth', 'b', 'store', 'app'], refused: [] })
})

test('a missing dependency is named, with the nearest names, and refuses what depends on it', () => {
  const { order, refused } = resolveDependencies([
    plugin('a', { wether: '*' }),
    plugin('b', { a: '*' }),
    plugin('weather'),
  ])
  expect(order).toEqual(['weather'])
  expect(refused).toMatchObject([
    { name: 'a', error: { code: 'dependency.missing', hint: 'Did you mean weather?' } },
    { name: 'b', error: { code: 'dependency.missing', message: 'b needs a, which cannot start' } },
  ])
})

test('a version outside the range is refused with both named', () => {
  const { refused } = resolveDependencies([plugin('a', { b: '^2.0.0' }), plugin('b')])
  expect(refused).toMatchObject([
    { name: 'a', error: { code: 'dependency.version', message: 'a needs b ^2.0.0, and 1.0.0 is installed' } },
  ])
})

test('a circle is printed, the same for each of its members, and its dependents are refused', () => {
  const plugins = [plugin('c', { a: '*' }), plugin('a', { b: '*' }), plugin('b', { c: '*' }), plugin('d', { a: '*' })]
  const { order, refused } = resolveDependencies(plugins)
  expect(order).toEqual([])
  expect(refused.map(({ name }) => name)).toEqual(['a', 'b', 'c', 'd'])
  for (const { error } of refused.slice(0, 3)) {
    expect(error).toMatchObject({ code: 'dependency.cycle', message: expect.stringContaining('a → b → c → a') })
  }
  expect(() => requireDependencies(plugins)).toThrow('a → b → c → a')
  expect(resolveDependencies([plugin('self', { self: '*' })]).refused[0]?.error.message).toContain('self → self')
})

test('names of object members are names like any other', () => {
  expect(resolveDependencies([plugin('constructor'), plugin('a', { constructor: '*' })]).order).toEqual([
    'constructor',
    'a',
  ])
  expect(resolveDependencies([plugin('a', { toString: '*' })]).refused[0]?.error.code).toBe('dependency.missing')
})

test('a thousand plugins in a row are no problem', () => {
  const row = Array.from({ length: 1000 }, (_, index) =>
    plugin(`p${index}`, index === 0 ? {} : { [`p${index - 1}`]: '*' }),
  )
  expect(resolveDependencies(row).order).toHaveLength(1000)
})

const graph = fc
  .array(fc.array(fc.nat(11), { maxLength: 4 }), { minLength: 1, maxLength: 10 })
  .map((lists) =>
    lists.map((list, index) => plugin(`n${index}`, Object.fromEntries(list.map((to) => [`n${to}`, '*'])))),
  )

test('every plugin is either refused or stands after all of its dependencies, whatever the order given', () => {
  fc.assert(
    fc.property(graph, fc.func(fc.integer()), (plugins, rank) => {
      const { order, refused } = resolveDependencies(plugins)
      expect([...order, ...refused.map(({ name }) => name)].sort()).toEqual(plugins.map(({ name }) => name).sort())
      for (const name of order) {
        const needs = Object.keys(plugins.find((one) => one.name === name)?.dependencies ?? {})
        for (const need of needs) expect(order.indexOf(need)).toBeLessThan(order.indexOf(name))
        expect(needs.every((need) => order.includes(need))).toBe(true)
      }
      const shuffled = [...plugins].sort((a, b) => rank(a.name) - rank(b.name))
      expect(resolveDependencies(shuffled)).toEqual({ order, refused })
    }),
  )
})

test('an engine range is held against the version of the host', () => {
  checkEngine(undefined, '0.1.0')
  checkEngine('>=0.1.0 <1', '0.1.0')
  checkEngine('>=0.1.0', '0.2.0-beta.1')
  expect(() => checkEngine('>= 1.0.0', '0.1.0')).toThrow(expect.objectContaining({ code: 'engine.incompatible' }))
  expect(() => checkEngine('not a range', '0.1.0')).toThrow(expect.objectContaining({ code: 'engine.incompatible' }))
})
