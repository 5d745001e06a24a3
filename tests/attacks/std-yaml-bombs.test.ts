// YAML that grows when it is read, nests without end, or brings types of its own.

import { afterAll, beforeAll, expect, test } from 'vitest'
import { type ComputingDoors, openComputingDoors } from '../support/computing-door.ts'

let doors: ComputingDoors
beforeAll(() => {
  doors = openComputingDoors()
})
afterAll(() => doors[Symbol.asyncDispose]())

/** The parser finds its stack too short, or the thread its memory, or the result is too large: each fails this call alone. */
const contained = ['input.too-deep', 'input.invalid', 'limit.memory', 'limit.output']
const refused = async (text: string) => (await doors.door().refused('yaml.parse', { text })).code

test('aliases of aliases', async () => {
  const levels = Array.from({ length: 12 }, (_, level) => {
    const items =
      level === 0 ? Array.from({ length: 9 }, () => '"lol"') : Array.from({ length: 9 }, () => `*a${level - 1}`)
    return `a${level}: &a${level} [${items.join(',')}]`
  })
  expect(await refused(levels.join('\n'))).toBe('input.invalid')
})

test('many aliases of one long text stay within what a result may hold', async () => {
  const text = `a: &a "${'x'.repeat(1_000_000)}"\nb: [${Array.from({ length: 90 }, () => '*a').join(',')}]`
  expect(await refused(text)).toBe('limit.output')
})

test('anchors by the thousand, for each of which the parser looks through all of the text', async () => {
  const pairs = Array.from({ length: 30_000 }, (_, at) => `- &a${at} 1\n- *a${at}`)
  expect(await doors.door().refused('yaml.parse', { text: pairs.join('\n') })).toMatchObject({
    code: 'input.invalid',
    message: expect.stringContaining('anchors'),
  })
})

test('an alias of what it stands in', async () => {
  expect(['input.invalid', 'input.too-deep']).toContain(await refused('a: &a { b: *a }'))
  expect(['input.invalid', 'input.too-deep']).toContain(await refused('&a [ *a ]'))
})

test('nesting without end', async () => {
  for (const text of ['['.repeat(500_000), '{a: '.repeat(300_000), '- '.repeat(200_000), '? '.repeat(200_000)]) {
    expect(contained, text.slice(0, 10)).toContain(await refused(text))
  }
  // What the parser takes but the host does not.
  expect(await refused(`${'['.repeat(150)}${']'.repeat(150)}`)).toBe('input.too-deep')
})

test('more values than a result may hold', async () => {
  expect(contained).toContain(await refused(`[${'1,'.repeat(300_000)}1]`))
})

test('tags, directives and merges bring no types and no code', async () => {
  const door = doors.door()
  for (const text of [
    '!!js/function "x"',
    '!!binary aGVsbG8=',
    '!!python/object:x y',
    '!own a',
    '!!timestamp 2001-01-01',
    '!!set {a}',
  ]) {
    expect(await refused(`a: ${text}`), text).toBe('input.invalid')
  }
  expect(
    await door.call('yaml.parse', { text: '%YAML 1.1\n---\na: yes\nb: 0o7\nc: 12:30:45\nd: 2001-01-01\n' }),
  ).toEqual({
    value: { a: 'yes', b: 7, c: '12:30:45', d: '2001-01-01' },
  })
  expect(await door.call('yaml.parse', { text: 'a: &a {b: 1}\nc:\n  <<: *a\n' })).toEqual({
    value: { a: { b: 1 }, c: { '<<': { b: 1 } } },
  })
})

test('keys that mean something to objects are keys', async () => {
  const { value } = await doors.door().call<{ value: Record<string, unknown> }>('yaml.parse', {
    text: '__proto__: { polluted: true }\nconstructor: 1\n',
  })
  expect(Object.keys(value).sort()).toEqual(['__proto__', 'constructor'])
  expect(({} as Record<string, unknown>)['polluted']).toBeUndefined()
  expect((value as { polluted?: unknown }).polluted).toBeUndefined()
  const { text } = await doors
    .door()
    .call<{ text: string }>('yaml.format', { value: JSON.parse('{"__proto__":1}') as unknown })
  expect(text).toBe('__proto__: 1\n')
})

test('a value that is written is bounded too', async () => {
  expect(
    await doors.door().call('yaml.format', { value: ['\u2028', '# not a comment', '- x', 'a: b', '', null, '~'] }),
  ).toMatchObject({
    text: expect.any(String),
  })
  const nested = JSON.parse(`${'['.repeat(120)}${']'.repeat(120)}`) as unknown
  expect(await doors.door().call('yaml.format', { value: nested })).toMatchObject({ text: expect.any(String) })
})
