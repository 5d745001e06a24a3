import { expect, test } from 'vitest'
import type { Discovered } from './plugin/discover-node.ts'
import { chooseByName, makeRegistry } from './registry.ts'

const found = (name: string, origin: Discovered['origin'], path = `/${origin}/${name}`): Discovered =>
  ({ origin, enabled: true, plugin: { path, manifest: { name } } }) as unknown as Discovered

test('a project plugin comes before one of the home, a given one before both', () => {
  const { chosen, shadowed } = chooseByName([found('a', 'home'), found('a', 'project'), found('b', 'home')])
  expect(chosen.map((entry) => entry.plugin.path).sort()).toEqual(['/home/b', '/project/a'])
  expect(shadowed.map((entry) => entry.plugin.path)).toEqual(['/home/a'])
})

test('two given plugins of one name are a mistake', () => {
  expect(() => chooseByName([found('a', 'given', '/x'), found('a', 'given', '/y')])).toThrowError(
    /two plugins are named "a"/,
  )
  expect(chooseByName([found('a', 'given', '/x'), found('a', 'given', '/x')]).chosen).toHaveLength(1)
})

test('an unknown name tells the nearest ones', () => {
  const registry = makeRegistry<string>()
  registry.set('weather', 'entry')
  expect(() => registry.get('wether')).toThrowError(
    expect.objectContaining({ code: 'plugin.unknown', hint: 'Did you mean weather?' }),
  )
})
