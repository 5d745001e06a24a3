// The globals of a guest, compared with Node's own.

import { runInThisContext } from 'node:vm'
import fc from 'fast-check'
import { afterAll, describe, expect, it, test } from 'vitest'
import { callScript, loadScript } from '../test/fixtures.ts'
import { makeScriptRuntime } from './runtime.ts'

const runtime = makeScriptRuntime()
afterAll(() => runtime[Symbol.asyncDispose]())

const expressions = [
  `new TextDecoder().decode(new TextEncoder().encode('aä€😀\\u0000b'))`,
  `[...new TextEncoder().encode('\\ud800')]`,
  `new TextDecoder('latin1').decode(new Uint8Array([228, 98]))`,
  `(() => { try { new TextDecoder('utf-8', { fatal: true }).decode(new Uint8Array([255])) } catch (e) { return e instanceof TypeError } })()`,
  `(() => { try { new TextDecoder('nonsense') } catch (e) { return e instanceof RangeError } })()`,
  `atob(btoa('hello\\u00ff'))`,
  `new URL('../b?x=1&y=a b#h', 'https://user:pw@example.com:8443/a/c').href`,
  `(() => { const u = new URL('https://example.com/'); u.pathname = '/a b'; u.searchParams.append('q', 'ä&'); u.searchParams.append('q', '2'); u.hash = 'x'; return [u.href, u.searchParams.getAll('q'), u.host, String(u)] })()`,
  `URL.canParse('not a url')`,
  `new URLSearchParams({ a: '1', b: 'x y' }).toString()`,
  `[...new URLSearchParams('a=1&b=2&a=3')]`,
  `(() => { const a = { d: new Date(5), m: new Map([[1, { x: 1 }]]), s: new Set([1]) }; a.self = a; const c = structuredClone(a); return [c !== a, c.self === c, c.d.getTime(), c.m.get(1).x, c.s.has(1)] })()`,
  `(() => { try { structuredClone(() => 1) } catch (e) { return true } })()`,
  `crypto.getRandomValues(new Uint8Array(4)).length`,
  `/^[0-9a-f-]{36}$/.test(crypto.randomUUID())`,
]

it('compute what Node’s compute', async () => {
  await using plugin = await loadScript(runtime, `export const run = () => [${expressions.join(',\n')}]`, {
    entry: 'a.js',
  })
  // oxlint-disable-next-line no-new-func, typescript/no-implied-eval -- the expressions are this test’s own.
  const wanted = new Function(`return [${expressions.join(',\n')}]`)() as unknown[]
  const given = (await callScript(plugin, 'run')) as unknown[]
  for (const [index, expression] of expressions.entries()) expect(given[index], expression).toEqual(wanted[index])
})

it('wait, repeat and stop', async () => {
  await using plugin = await loadScript(
    runtime,
    `export const run = async () => {
      const said = []
      const stopped = setTimeout(() => said.push('never'), 1)
      clearTimeout(stopped)
      await new Promise((done) => { let n = 0; const id = setInterval(() => { said.push(++n); if (n === 3) { clearInterval(id); done() } }, 1) })
      await new Promise((done) => setTimeout((a, b) => { said.push(a, b); done() }, 1, 'x', 'y'))
      await new Promise((done) => queueMicrotask(done))
      return said
    }`,
    { entry: 'a.js' },
  )
  expect(await callScript(plugin, 'run')).toEqual([1, 2, 3, 'x', 'y'])
})

it('console writes to the log of the call', async () => {
  const lines: string[] = []
  await using plugin = await loadScript(
    runtime,
    `export const run = () => { const o = { a: [1, { b: new Map([['k', 1n]]) }] }; o.o = o; console.log('it is', o, null, undefined); console.warn(new Error('w').message); console.debug(Symbol('s')); host.log.error('e') }`,
    { entry: 'a.js' },
  )
  expect(await callScript(plugin, 'run', null, { log: (level, message) => lines.push(`${level} ${message}`) })).toBe(
    null,
  )
  expect(lines).toEqual([
    'info it is { a: [1, { b: Map {["k", 1n]} }], o: [circular] } null undefined',
    'warn w',
    'debug Symbol(s)',
    'error e',
  ])
})

describe('local time', () => {
  const zone = process.env['TZ']
  afterAll(() => {
    if (zone === undefined) delete process.env['TZ']
    else process.env['TZ'] = zone
  })

  // On the host's own thread, where a change of the zone is seen.
  test.each(['UTC', 'Europe/Berlin', 'America/New_York', 'Asia/Kolkata', 'Pacific/Apia'])(
    'is that of %s',
    async (tz) => {
      process.env['TZ'] = tz
      const expression = `[0, 1e12, 1.7e12, 1721000000000, -1e12, 4e12].map((ms) => { const d = new Date(ms); return [d.getHours(), d.getMinutes(), d.getDate(), d.getMonth(), d.getFullYear(), d.getDay(), d.getTimezoneOffset(), new Date(d.getFullYear(), d.getMonth(), 1).getTime()] })`
      await using plugin = await loadScript(runtime, `export const run = () => ${expression}`, {
        entry: 'a.js',
        boundary: 'inline',
      })
      // oxlint-disable-next-line no-new-func, typescript/no-implied-eval -- the expression is this test’s own.
      const wanted = new Function(`return ${expression}`)() as unknown
      expect(await callScript(plugin, 'run')).toEqual(wanted)
    },
  )
})

test('queries are read and written as Node’s', async () => {
  const source = `export const read = (queries) => queries.map((query) => { const read = new URLSearchParams(query); return [[...read], String(read), new URL('http://a/' + query).searchParams.size] })`
  await using plugin = await loadScript(runtime, source, { entry: 'a.js' })
  const piece = fc.constantFrom(
    ...[
      'a',
      'é',
      '😀',
      '\ud800',
      '\ufeff',
      '?',
      '&',
      '=',
      '+',
      '%',
      '%2',
      '%41',
      '%c3',
      '%A9',
      '%EF%BB%BF',
      "!'()~*-._",
      '#',
      ' ',
    ],
  )
  const queries = fc
    .sample(fc.array(piece, { maxLength: 12 }), { numRuns: 2000, seed: 1 })
    .map((pieces) => pieces.join(''))
  // Node loses characters that stand, not encoded, beside wrong bytes.
  const encoded = (query: string): string => query.toWellFormed().replace(/[^\x00-\x7f]+/g, encodeURIComponent)
  const wanted = queries.map((query) => {
    const read = new URLSearchParams(encoded(query))
    return [[...read], String(read), new URL(`http://a/${query}`).searchParams.size]
  })
  expect(await callScript(plugin, 'read', queries)).toEqual(wanted)
})

describe('long inputs, which are computed in pieces', () => {
  /** Odd lengths before them move the pieces' ends through their characters. */
  const long = [0, 1, 2, 3].flatMap((shift) =>
    [
      `'ä€😀a'.repeat(60000)`,
      `'\\ud83d'.repeat(100000) + '\\ude00'.repeat(100000)`,
      `'\\ufeffx'.repeat(120000)`,
      `'\\u0001'.repeat(300000)`,
    ].map((text) => `('x'.repeat(${shift}) + ${text})`),
  )
  const sum = `(s) => { let h = s.length; for (let i = 0; i < s.length; i += 1 + (i >> 10)) h = (h * 31 + (s.charCodeAt?.(i) ?? s[i])) | 0; return h }`
  const sums = [
    ...long.flatMap((text) => [
      `sum(new TextEncoder().encode(${text}))`,
      `sum(new TextDecoder().decode(new TextEncoder().encode(${text})))`,
      `sum(new TextDecoder('utf-8', { ignoreBOM: true }).decode(new TextEncoder().encode(${text})))`,
      `sum(new TextDecoder('utf-16le').decode(new Uint16Array([...${text}.slice(0, 99999)].flatMap((c) => [...Array(c.length).keys()].map((i) => c.charCodeAt(i))))))`,
    ]),
    `sum(btoa('\\u00e4b\\u00ff'.repeat(90001)))`,
    `sum(atob(' ' + btoa('\\u00e4b\\u00ffc'.repeat(90001)) + '\\n'))`,
    `(() => { try { atob(btoa('a') + btoa('b'.repeat(300000))) } catch { return 'refused' } })()`,
    `(() => { try { btoa('a'.repeat(300000) + '€') } catch { return 'refused' } })()`,
    `(() => { const bytes = new Uint8Array(300000).fill(0x80); bytes[150000] = 0xe2; return sum(new TextDecoder().decode(bytes)) })()`,
    `sum(new TextDecoder('windows-1252').decode(new Uint8Array(300001).fill(0xe4)))`,
    `sum(new TextDecoder('shift_jis').decode(new Uint8Array(200001).fill(0x82)))`,
    `[...new URLSearchParams('&a&a=b&&=c&a==d&e')]`,
    `sum([...new URLSearchParams('&a=%ff&é%C3%A9=+%2B%zz'.repeat(20000))].join())`,
    `sum(new URLSearchParams([['ä€😀 %~'.repeat(20000), '\ud800!']]).toString())`,
  ]

  test('give what Node gives', async () => {
    const source = `const sum = ${sum}; export const run = (index) => [${sums.map((one) => `() => ${one}`).join(',\n')}][index]()`
    await using plugin = await loadScript(runtime, source, { entry: 'a.js' })
    const own = runInThisContext(
      `(() => { const sum = ${sum}; return [${sums.map((one) => `() => ${one}`).join(',\n')}] })()`,
    ) as (() => unknown)[]
    for (const [index, compute] of own.entries()) {
      expect([sums[index], await callScript(plugin, 'run', index, { wallMs: 30_000 })]).toEqual([
        sums[index],
        compute(),
      ])
    }
  })

  test('in an encoding that cannot be cut are refused beyond a bound, with a reason', async () => {
    const source = `export const run = () => new TextDecoder('shift_jis').decode(new Uint8Array(600000))`
    await using plugin = await loadScript(runtime, source, { entry: 'a.js' })
    await expect(callScript(plugin, 'run')).rejects.toThrow(/at most 262144 bytes of shift_jis are decoded at once/)
  })
})
