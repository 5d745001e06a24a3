import type { Manifest } from '../packages/kernel/src/index.ts'
import { expect, test } from 'vitest'
import { functionsByName } from './guest-api/standard-functions.ts'
import { guestApi } from '../packages/sdk/src/guest-api.ts'
import { areasOf } from '../packages/bundle/src/areas.ts'

const areasFor = (...asks: string[]): string[] =>
  areasOf({ asks: asks.map((capability) => ({ capability })) } as unknown as Manifest)

const pure = ['graph', 'yaml', 'csv', 'regex', 'time']

test('areas come with the capabilities that are asked for', () => {
  expect(areasFor()).toEqual(pure)
  expect(areasFor('network:https://a.example/*', 'filesystem.read:./x')).toEqual(['http', 'fs', ...pure])
  expect(areasFor('env:A', 'storage.workspace', 'notes.read:Projects/**')).toEqual(['env', 'kv', 'notes', ...pure])
  expect(areasFor('notes.write')).toEqual(['notes', ...pure])
  expect(areasFor('orders.read', 'notesy')).toEqual(pure)
  expect(areasFor('*')).toEqual(['http', 'fs', 'env', 'kv', 'notes', ...pure])
})

test('every area of the table can be had, and the ones that all have need no capability', () => {
  const all = new Set(areasFor('*'))
  expect([...new Set(guestApi.map(({ area }) => area))].filter((area) => !all.has(area))).toEqual([])
  const functions = [...functionsByName.values()].filter(({ name }) => pure.includes(name.split('.', 1)[0] ?? ''))
  expect(functions.length).toBeGreaterThan(20)
  for (const { name, needs } of functions) expect(needs({} as never), name).toEqual([])
})
