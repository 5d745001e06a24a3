// Lua plugins: which functions are actions and how they get their input, values on their way, the host object, modules,
// errors with their places, and several things at once.

import { afterAll, describe, expect, it, test } from 'vitest'
import { type CallOptions, callScript, dispatchOver, loadScript, type LoadOptions } from '../test/fixtures.ts'
import { makeScriptRuntime } from './runtime.ts'

const runtime = makeScriptRuntime()
afterAll(() => runtime[Symbol.asyncDispose]())

const load = (source: string, options: LoadOptions = {}) =>
  loadScript(runtime, source, { entry: 'main.lua', ...options })

/** Loads a source with the action `run` and calls it. */
const run = async (
  source: string,
  input: unknown = null,
  options: LoadOptions & CallOptions = {},
): Promise<unknown> => {
  await using plugin = await load(source, options)
  return await callScript(plugin, 'run', input, options)
}

describe('actions', () => {
  it('are the functions of the table that the file returns', async () => {
    await using plugin = await load(
      `local M = { version = 1 } function M.a() return 'a' end function helper() end return M`,
    )
    expect(Object.keys(plugin.actions)).toEqual(['a'])
    expect(await callScript(plugin, 'a')).toBe('a')
  })

  it('are else the global functions that it defines and that begin with no _', async () => {
    await using plugin = await load(
      `local function inner() end function _outer() end function b() return 'b' end print = print`,
    )
    expect(Object.keys(plugin.actions)).toEqual(['b'])
  })

  it('get their input whole, or by the names of their parameters', async () => {
    await using plugin = await load(`
      function whole(input) return input end
      function both(a, b) return { a = a, b = b == nil } end
      function several() return 1, 2, 3 end
      function nothing() end`)
    expect(await callScript(plugin, 'whole', [1])).toEqual([1])
    expect(await callScript(plugin, 'both', { b: null, a: 'x', c: 1 })).toEqual({ a: 'x', b: true })
    expect(await callScript(plugin, 'both')).toEqual({ b: true })
    expect(await callScript(plugin, 'several')).toBe(1)
    expect(await callScript(plugin, 'nothing')).toBe(null)
    await expect(callScript(plugin, 'print')).rejects.toMatchObject({ code: 'action.unknown' })
  })
})

describe('values', () => {
  const echo = `function run(input) return input end`

  test.each([
    [{ a: [], b: {}, c: [null, 1, null], d: { e: null } }],
    [[true, false, 0, -1, 1.5, 1e300, 9_007_199_254_740_991, 5e-324, 0.1, 123_456_789.123]],
    ['\u0000"\\/\b\f\n\r\té✓💧\u2028'],
    [{ '': 1, ключ: 2, constructor: 3 }],
    [Array.from({ length: 1000 }, (_, index) => index)],
  ])('%j comes back as it went in', async (value) => {
    expect(await run(echo, value)).toEqual(value)
  })

  it('are whole numbers where JSON has whole numbers, and floats where not', async () => {
    const source = `function run(input) local list = host.array{} for i, v in ipairs(input) do list[i] = math.type(v) end return list end`
    expect(await run(source, [1, 1.5, 1e20, -7])).toEqual(['integer', 'float', 'float', 'integer'])
    expect(await run(`function run() return { 10 / 2, 2 ^ 53, 7 // 2, 1e15, -0.0 } end`)).toEqual([
      ...[5, 2 ** 53, 3, 1e15, -0],
    ])
  })

  it('may be bytes in both directions', async () => {
    const bytes = Uint8Array.of(0, 255, 10, 128)
    expect(
      await run(`function run(input) return { size = #input.data, data = input.data } end`, { data: bytes }),
    ).toEqual({
      size: 4,
      data: bytes,
    })
  })

  test.each([
    ['0 / 0', 'nan cannot be sent'],
    ['math.huge', 'inf cannot be sent'],
    ['print', 'a function cannot be sent'],
    ['coroutine.create(print)', 'a thread cannot be sent'],
    ['host', 'a userdata cannot be sent'],
    ['{ 1, 2, x = 3 }', 'a key that is a number cannot be sent'],
    ['{ [true] = 1 }', 'a key that is a boolean cannot be sent'],
    ['{ [100] = 1 }', 'a key that is a number cannot be sent'],
    ["{ ['\\xff'] = 1 }", 'a key that is not UTF-8'],
    ['(function() local t = {} t.t = t return t end)()', 'or in itself'],
  ])('%s is refused', async (value, message) => {
    const failing = run(`function run() return { x = ${value} } end`)
    await expect(failing).rejects.toMatchObject({ code: 'plugin.failed', message: expect.stringContaining(message) })
  })

  it('are null inside of tables, nil alone', async () => {
    const source = `function run(input) return { input == nil, input and input.x == host.null, tostring(host.null), host.null } end`
    expect(await run(source, null)).toEqual([true, null, 'null', null])
    expect(await run(source, { x: null })).toEqual([false, true, 'null', null])
  })
})

describe('JSON', () => {
  const json = `local json = require 'bulkhead.json'\n`

  it('is encoded and decoded', async () => {
    const source = `${json} function run(input) local t = json.decode(input) return { json.encode(t.list), t.text, json.encode(t.empty), t.none == json.null } end`
    expect(await run(source, '{"list":[1,2.5,"x"],"text":"\\u00e9\\ud83d\\udca7\\n","empty":[],"none":null}')).toEqual([
      '[1,2.5,"x"]',
      'é💧\n',
      '[]',
      true,
    ])
  })

  test.each([
    ...[
      '',
      '{',
      '[1,',
      '"abc',
      '{"a" 1}',
      '{a:1}',
      'nul',
      '01',
      '1.',
      '.5',
      '1e',
      '-',
      '[1]x',
      '"\\x"',
      '"\\u12"',
      '"\t"',
    ],
    '['.repeat(300) + ']'.repeat(300),
  ])('%s is none', async (text) => {
    const source = `${json} function run(input) return json.decode(input) end`
    await expect(run(source, text)).rejects.toMatchObject({ message: expect.stringContaining('not JSON') })
  })
})

describe('host calls', () => {
  const dispatch = dispatchOver({
    'a.b': (input) => ({ got: input }),
    'kv.get': (input) => ({ found: (input as { key: string }).key === 'k', value: input }),
    'fs.write': (input) => input,
  })

  it('go by the table of the guest API, and by name', async () => {
    const source = `function run()
      return { host.kv.get('k', { scope = 'global' }), host.kv.get('gone') == nil, host.call('a.b', 1), host.a.b(2) } end`
    expect(await run(source, null, { dispatch, functions: ['a.b', 'kv.get'] })).toEqual([
      ...[{ key: 'k', scope: 'global' }, true, { got: 1 }, { got: 2 }],
    ])
  })

  it('carry what is bytes as bytes', async () => {
    let written: unknown
    const source = `function run() host.fs.write_bytes('x', 'text') end`
    await run(source, null, { dispatch: dispatchOver({ 'fs.write': (input) => (written = input) && {} }) })
    expect(written).toEqual({ path: 'x', data: new TextEncoder().encode('text') })
  })

  it('are refused with an error object', async () => {
    const source = `function run()
      local fine, err = pcall(host.call, 'a.b')
      return { fine, err.code, err.message, err.hint, tostring(err), type(err) } end`
    const error = { code: 'capability.denied', message: 'not granted', hint: 'Grant it.', id: 'i1' } as const
    expect(await run(source, null, { dispatch: async () => ({ ok: false, error }) })).toEqual([
      ...[false, 'capability.denied', 'not granted', 'Grant it.', 'capability.denied: not granted', 'table'],
    ])
  })

  it('that have too many arguments are refused before they are made', async () => {
    const failing = run(`function run() return host.kv:get('k') end`, null, { dispatch })
    await expect(failing).rejects.toMatchObject({ message: expect.stringContaining('host.kv.get') })
  })

  it('run at once under host.all, host.start and in tasks', async () => {
    // Each answer waits until all three calls are there: one after the other would never end.
    const together = (): CallOptions => {
      let arrived = 0
      const all = Promise.withResolvers<void>()
      const answer = async (input: unknown): Promise<unknown> => {
        if (++arrived === 3) all.resolve()
        await all.promise
        return input
      }
      return { dispatch: dispatchOver({ 'a.b': answer }) }
    }
    const ways = [
      `return host.all{ { 'a.b', 1 }, { 'a.b', 2 }, { 'a.b', 3 } }`,
      `local tickets, out = {}, {} for i = 1, 3 do tickets[i] = host.start('a.b', i) end
       for i = 1, 3 do local _, ok, value = host.wait(tickets[i]) out[i] = value end return out`,
      `local tickets, out = {}, {} for i = 1, 3 do tickets[i] = host.spawn(function(n) return host.call('a.b', n) end, i) end
       for i = 1, 3 do local _, ok, value = host.wait(tickets[i]) out[i] = value end return out`,
    ]
    for (const way of ways) expect(await run(`function run() ${way} end`, null, together())).toEqual([1, 2, 3])
  })

  it('are waited for in the order in which they are done', async () => {
    const source = `function run()
      local slow, fast = host.timer(50), host.spawn(function() host.sleep(1) return 'fast' end)
      local first, ok, value = host.wait(slow, fast)
      host.drop(slow)
      return { first == fast, ok, value } end`
    expect(await run(source)).toEqual([true, true, 'fast'])
  })

  it('in a task that fails give the error to who waits', async () => {
    const source = `function run()
      local _, ok, value = host.wait(host.spawn(function() error({ code = 'x' }) end))
      return { ok, value.code } end`
    expect(await run(source)).toEqual([false, 'x'])
  })

  it('block a plain coroutine and go on in it', async () => {
    const source = `function run()
      local co = coroutine.wrap(function() coroutine.yield(host.call('a.b', 1)) return host.call('a.b', 2) end)
      return { co(), co() } end`
    expect(await run(source, null, { dispatch })).toEqual([{ got: 1 }, { got: 2 }])
  })

  it('change a key by a function of what it holds', async () => {
    let held = { found: true, value: 1, version: 3 }
    let losses = 2
    const store = dispatchOver({
      'kv.get': () => held,
      'kv.update': (input) => {
        const { value, ifVersion } = input as { value: number; ifVersion: number }
        if (losses-- > 0) held = { ...held, value: held.value + 10, version: held.version + 1 }
        if (ifVersion !== held.version) return { updated: false, version: held.version }
        held = { found: true, value, version: ifVersion + 1 }
        return { updated: true, version: held.version }
      },
    })
    expect(
      await run(`function run() return host.kv.update('n', function(old) return old + 1 end) end`, null, {
        dispatch: store,
      }),
    ).toBe(22)
  })
})

describe('modules', () => {
  const files = {
    'src/main.lua': '',
    'src/near.lua': `return { from = 'near' }`,
    'lib/far.lua': `local name, file = ... return { name, file }`,
    'lib/pack/init.lua': `counter = (counter or 0) + 1 return counter`,
    'broken.lua': `return = 1`,
    'round.lua': `return require 'round'`,
  }

  it('are other files of the plugin, run once', async () => {
    const source = `local pack = require 'lib.pack'
      function run() return { require('near').from, require 'lib.far', require 'lib.pack', pack } end`
    expect(await run(source, null, { files, entry: 'src/main.lua' })).toEqual([
      'near',
      ['lib.far', 'lib/far.lua'],
      1,
      1,
    ])
  })

  test.each([
    ['gone', 'not found'],
    ['../main', 'not found'],
    ['bulkhead.gone', 'there is no module'],
    ['round', 'requires itself'],
  ])('%s is refused', async (name, message) => {
    const failing = run(`function run() return require '${name}' end`, null, { files })
    await expect(failing).rejects.toMatchObject({ code: 'plugin.failed', message: expect.stringContaining(message) })
  })

  it('that do not compile are faults of syntax, with their own place', async () => {
    await expect(load(`require 'broken'`, { files })).rejects.toMatchObject({
      code: 'artifact.compile',
      details: { file: 'broken.lua', line: 1, column: 8, frame: '1 | return = 1\n  |        ^' },
    })
  })

  it('under bulkhead. are the standard library', async () => {
    const source = `local names = {} for _, name in ipairs{ 'machine', 'workflow', 'text', 'paths', 'json', 'graph', 'time' } do names[name] = type(require('bulkhead.' .. name)) end
      function run() return names end`
    expect(await run(source)).toMatchObject({ machine: 'table', workflow: 'table', text: 'table', json: 'table' })
  })
})

describe('errors', () => {
  it('of syntax have file, line and source line', async () => {
    await expect(load('local a = 1\nlocal b = = 2\n')).rejects.toMatchObject({
      code: 'artifact.compile',
      message: "unexpected symbol near '=' (main.lua:2)",
      details: { file: 'main.lua', line: 2, frame: '2 | local b = = 2' },
    })
  })

  it('at run time have the place and the stack', async () => {
    const source = [
      'local function check(a)',
      '  return a.b.c',
      'end',
      'function run(input)',
      '  return 1 + check(input)',
      'end',
    ]
    await expect(run(source.join('\n'), {})).rejects.toMatchObject({
      code: 'plugin.failed',
      message: "attempt to index a nil value (field 'b') (main.lua:2)",
      details: {
        ...{ file: 'main.lua', line: 2, frame: '2 |   return a.b.c' },
        stack: ['at check (main.lua:2)', 'at run (main.lua:5)'],
      },
    })
  })

  it('point where they say that they happened', async () => {
    const source = `local function need(x) if not x then error('give x', 2) end end\nfunction run()\n  need()\nend`
    await expect(run(source)).rejects.toMatchObject({ message: 'give x (main.lua:3)', details: { line: 3 } })
  })

  it('at the top level are the load’s', async () => {
    await expect(load(`error('no')`)).rejects.toMatchObject({
      code: 'plugin.failed',
      message: 'loading the plugin failed: no (main.lua:1)',
    })
  })

  it('that are objects keep what the author put into them', async () => {
    const source = `function run() error({ code = 'too-late', message = 'The shop is closed', details = { opens = 9 } }) end`
    await expect(run(source)).rejects.toMatchObject({
      code: 'plugin.failed',
      message: 'The shop is closed (main.lua:1)',
      details: { guestCode: 'too-late', guestDetails: { opens: 9 } },
    })
  })

  test.each([
    ['nil', 'nil'],
    ['{}', 'table: '],
    [`setmetatable({}, { __tostring = function() return 'shown' end })`, 'shown'],
    [`setmetatable({}, { __tostring = function() error('again') end })`, 'an error that cannot be shown'],
    ['42', '42'],
  ])('of %s are shown', async (value, message) => {
    const failing = run(`function run() error(${value}, 0) end`)
    await expect(failing).rejects.toMatchObject({ message: expect.stringContaining(message) })
  })
})

describe('what scripts are used to', () => {
  it('works: strings, dates, patterns, integers, goto, closing, metatables', async () => {
    const source = `function run()
      local out = {}
      do local x <close> = setmetatable({}, { __close = function() out[1] = 'closed' end }) end
      for i = 1, 3 do if i == 2 then goto continue end out[#out + 1] = i ::continue:: end
      out[#out + 1] = ('x'):rep(3, '-') .. string.format('%5.2f|%q|%x|%s', 1.234, 'a"b', 255, 1e15)
      out[#out + 1] = os.date('!%Y-%m-%d', 86400) .. ('key=value'):gsub('(%w+)=(%w+)', '%2=%1')
      out[#out + 1] = 7 // 2 + (7 & 3 << 1) ~ 1
      out[#out + 1] = utf8.char(233, 128167) .. utf8.len('é✓') .. #utf8.char(233)
      out[#out + 1] = string.pack('<i4', 7):byte(1) + select('#', table.unpack({ 1, 2, 3 }))
      out[#out + 1] = tostring(1 / 3) .. ' ' .. 2 ^ 53 .. ' ' .. 10 // 0.3 .. ' ' .. math.tointeger(3.0)
      return out end`
    expect(await run(source)).toEqual([
      ...['closed', 1, 3, 'x-x-x 1.23|"a\\"b"|ff|1e+15', '1970-01-02value=key', 8, 'é💧22', 10],
      '0.33333333333333 9.007199254741e+15 33.0 3',
    ])
  })

  it('logs what is printed', async () => {
    const lines: string[] = []
    const source = `function run() print('a', 1, nil) warn('careful') host.log.debug({ a = 1 }) host.log.error('bad') end`
    await run(source, null, { log: (level, message) => lines.push(`${level} ${message}`) })
    expect(lines).toEqual(['info a\t1\tnil', 'warn careful', 'debug {"a":1}', 'error bad'])
  })

  it('has the configuration', async () => {
    const source = `function run() return { host.config.key, host.config.gone == nil } end`
    expect(await run(source, null, { config: { key: 'k1' } })).toEqual(['k1', true])
    expect(await run(source)).toEqual([null, true])
  })
})
