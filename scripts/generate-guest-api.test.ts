import { readFileSync } from 'node:fs'
import { describe, expect, test } from 'vitest'
import { LuaFactory } from 'wasmoon'
import { z } from 'zod'
import { bytes, defineHostFunction } from '../packages/kernel/src/index.ts'
import { type GuestMethod, guestApi } from '../packages/sdk/src/guest-api.ts'
import { guestApiFiles } from './generate-guest-api.ts'
import { makeMethod, makeMethods } from './guest-api/method-model.ts'
import { camelCase, faultOfName } from './guest-api/names.ts'
import { areaProse, methodProse } from './guest-api/prose.ts'

describe('the table', () => {
  test('fits the host functions that it calls', () => {
    expect(guestApi.flatMap((row) => makeMethod(row).faults)).toEqual([])
  })

  test('names nothing twice, and nothing that a language cannot spell', () => {
    const names = guestApi.map(({ area, name }) => `${area}.${camelCase(name)}`)
    expect(new Set(names).size).toBe(names.length)
    expect(guestApi.flatMap(({ area, name }) => [faultOfName(area), faultOfName(name)].filter(Boolean))).toEqual([])
    expect(faultOfName('match')).toContain('keyword')
    expect(faultOfName('end')).toContain('keyword')
    expect(faultOfName('readText')).toContain('snake case')
  })

  test('is described: every area, and no method that is not there', () => {
    const areas = [...new Set(guestApi.map(({ area }) => area))]
    expect(Object.keys(areaProse)).toEqual(areas)
    const methods = new Set(guestApi.map(({ area, name }) => `${area}.${name}`))
    expect(Object.keys(methodProse).filter((name) => !methods.has(name))).toEqual([])
  })

  test('is plain JSON', () => {
    expect(JSON.parse(JSON.stringify(guestApi))).toEqual(guestApi)
  })
})

describe('a row that does not fit is told', () => {
  const fn = defineHostFunction({
    name: 'orders.find',
    input: z.strictObject({
      id: z.string(),
      data: bytes().optional(),
      mode: z.enum(['quick', 'deep']).default('quick'),
      note: z.string().optional(),
    }),
    output: z.object({ found: z.boolean(), order: z.string(), maybe: z.string().nullable() }),
    needs: () => [],
    run: () => ({ found: false, order: '', maybe: null }),
  })
  const good: GuestMethod = {
    area: 'orders',
    name: 'find',
    calls: 'orders.find',
    positional: ['id', 'note?'],
    options: true,
    bytes: ['data'],
    result: { field: 'order', unless: 'found' },
  }
  const faultsOf = (change: Partial<GuestMethod>) =>
    makeMethod({ ...good, ...change }, new Map([[fn.name, fn]])).faults.join('; ')

  test.each<[string, Partial<GuestMethod>]>([
    ['', {}],
    ['', { result: { field: 'maybe', unless: 'maybe' } }],
    ['', { options: false, without: ['mode', 'data'], bytes: [] }],
    ['there is no host function', { calls: 'orders.lose' }],
    ['takes no key (positional)', { positional: ['key'] }],
    ['id cannot be left out', { positional: ['id?'] }],
    ['stands before what may not', { positional: ['note?', 'id'] }],
    ['takes no speed (fixed)', { fixed: { speed: 1 } }],
    ['the fixed mode is none of its choices', { fixed: { mode: 'slow' } }],
    ['takes no speed (without)', { without: ['speed'] }],
    ['data, mode cannot be given', { options: false }],
    ['nothing left for options', { without: ['mode', 'data'] }],
    ['note is not bytes', { bytes: ['data', 'note'] }],
    ['data is bytes, and not marked so', { bytes: [] }],
    ['answers no name', { result: { field: 'name' } }],
    ['answers no there', { result: { field: 'order', unless: 'there' } }],
    ['order is never false or null', { result: { field: 'order', unless: 'order' } }],
  ])('%s', (fault, change) => {
    if (fault === '') expect(faultsOf(change)).toBe('')
    else expect(faultsOf(change)).toContain(fault)
  })

  test('a result that is null when it is absent is described without null', () => {
    const { method } = makeMethod({ ...good, result: { field: 'maybe', unless: 'maybe' } }, new Map([[fn.name, fn]]))
    expect(method?.result).toMatchObject({ type: 'string' })
  })
})

test('what is made from the table is up to date (run scripts/generate-guest-api.ts)', () => {
  expect(makeMethods().size).toBeGreaterThan(3)
  for (const [path, text] of guestApiFiles()) expect(readFileSync(path, 'utf8') === text, path).toBe(true)
})

test('the Lua stub is Lua, and declares each method with its parameters', async () => {
  const stub = [...guestApiFiles()].find(([path]) => path.endsWith('library/bulkhead.lua'))?.[1] ?? ''
  const methods = [...makeMethods().values()].flat()
  const names = methods.map(({ row }) => `host.${row.area}.${row.name}`)
  const lua = await new LuaFactory().createEngine()
  try {
    // One chunk: this engine does not stand many.
    const missing = names.map((at) => `if type(${at}) ~= "function" then missing = missing .. "${at} " end`)
    expect(await lua.doString(`${stub}\nlocal missing = ""\n${missing.join('\n')}\nreturn missing`)).toBe('')
  } finally {
    lua.global.close()
  }
  for (const [index, { positional, options }] of methods.entries()) {
    const parameters = [...positional.map(({ name }) => name), ...(options.length > 0 ? ['options'] : [])]
    expect(stub).toContain(`function ${names[index]}(${parameters.join(', ')}) end`)
  }
  // Whoever names a class has it declared: the language server only warns.
  const declared = new Set([...stub.matchAll(/^---@class (\S+)/gm)].map(([, name]) => name))
  const named = [...stub.matchAll(/^---@(?:param|return|field)[^\n]*?(bulkhead\.[a-z_.]+)/gm)].map(([, name]) => name)
  expect(named.filter((name) => !declared.has(name))).toEqual([])
  expect(named.length).toBeGreaterThan(10)
})
