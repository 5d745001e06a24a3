import fc from 'fast-check'
import { expect, test } from 'vitest'
import { canonicaliseCapability } from '../capability/canonical.ts'
import { parseCapability } from '../capability/parse.ts'
import { canonicalJson, canonicalLength, canonicalRecord, cutEvent } from './canonical.ts'
import { parseRecord } from './chain.ts'

const json = fc.jsonValue({ maxDepth: 4 })
const text = fc.string({ unit: 'binary' })
const units = fc
  .array(fc.integer({ min: 0, max: 0xffff }), { maxLength: 8 })
  .map((codes) => String.fromCharCode(...codes))

test('canonical JSON is printable ASCII, reads back, and does not depend on the order of members', () => {
  fc.assert(
    fc.property(fc.dictionary(fc.oneof(text, units), fc.oneof(json, text, units)), (value) => {
      const canonical = canonicalJson(value)
      expect(canonical).toMatch(/^[\x20-\x7e]*$/)
      expect(canonicalJson(JSON.parse(canonical))).toBe(canonical)
      expect(canonicalJson(Object.fromEntries(Object.entries(value).reverse()))).toBe(canonical)
    }),
  )
})

test('different texts have different canonical forms, lone surrogates included', () => {
  fc.assert(fc.property(units, units, (a, b) => (canonicalJson(a) === canonicalJson(b)) === (a === b)))
})

test('an event is cut to its caps and cannot bring fields of the chain', () => {
  const hostile = { seq: 9, id: 'x', hash: 'y', prev: 'z', time: 1 }
  const deep = JSON.parse(`${'{"a":'.repeat(100)}1${'}'.repeat(100)}`) as never
  const event = cutEvent({
    type: 'capability_check',
    result: 'denied',
    why: 'w'.repeat(1_000_000),
    capabilities: Array.from({ length: 1000 }, (_, index) => `fs.read:${index}`),
    details: { deep, wide: Array.from({ length: 100_000 }, () => 'x'.repeat(100)) },
    ...hostile,
  })
  expect(canonicalJson(event).length).toBeLessThan(20_000)
  for (const key of Object.keys(hostile)) expect(event).not.toHaveProperty(key)
})

test('a capability of the greatest length, and as many as one call may need, stand in the record whole', () => {
  const event = { type: 'capability_check', result: 'allowed' } as const
  const kept = (capabilities: readonly string[]) => cutEvent({ ...event, capabilities }).capabilities
  const padded = `filesystem.write:/${'é'.repeat(8183)}/deed`
  expect(canonicaliseCapability(parseCapability(padded), {})).toEqual(parseCapability(padded))
  expect(kept([padded])).toEqual([padded])
  const many = Array.from({ length: 256 }, (_, index) => `filesystem.write:/srv/data/${index}/${'x'.repeat(500)}`)
  expect(kept(many)).toEqual(many)
})

test.each(['a', 'é', '\u0001', '\ud800', '😀'])('the longest record, of %j, is read back', (unit) => {
  const long = unit.repeat(5000)
  const texts = ['principal', 'plugin', 'callId', 'action', 'user', 'workspace', 'function', 'risk', 'why']
  const list = Array.from({ length: 1000 }, () => long)
  const event = cutEvent({
    ...Object.fromEntries(texts.map((name) => [name, long])),
    type: 'capability_check',
    result: 'allowed',
    chain: list,
    capabilities: list,
    details: { [long]: long },
  })
  const record = { ...event, seq: 0, id: 'x-0', time: 0, prev: 'p' }
  const line = canonicalRecord(record).seal('h')
  expect(parseRecord(line)).toEqual({ ...record, hash: 'h' })
  expect(event.capabilities?.at(-1)).toMatch(/^… and \d+ more$/)
})

test('a record is written as canonical JSON says, with its hash and without', () => {
  const optional = (arbitrary: fc.Arbitrary<unknown>) => fc.option(arbitrary, { nil: undefined })
  const record = fc.record({
    type: fc.constantFrom('capability_check', 'call_ended'),
    result: fc.constantFrom('allowed', 'denied', 'info'),
    seq: fc.nat(),
    time: fc.nat(),
    id: text,
    prev: text,
    ...Object.fromEntries(
      ['principal', 'plugin', 'callId', 'action', 'user', 'workspace', 'function', 'risk', 'why'].map((name) => [
        name,
        optional(fc.oneof(text, units)),
      ]),
    ),
    chain: optional(fc.array(text)),
    capabilities: optional(fc.array(text)),
    details: optional(fc.dictionary(text, json)),
  })
  fc.assert(
    fc.property(record, text, (value, hash) => {
      const { body, seal } = canonicalRecord(value as never)
      expect(body).toBe(canonicalJson(value))
      expect(seal(hash)).toBe(canonicalJson({ ...value, hash }))
    }),
  )
})

test('the length of a text is never told too short', () => {
  fc.assert(fc.property(fc.oneof(text, units), (value) => canonicalLength(value) >= canonicalJson(value).length))
})
