import fc from 'fast-check'
import { expect, test } from 'vitest'
import { BulkheadError } from '../errors.ts'
import { formatCapability } from './format.ts'
import { parseCapability, parsePattern } from './parse.ts'

test.each([
  ['network:GET https://api.example.com/v1/*', 'network', 'GET https://api.example.com/v1/*'],
  ['network:https://api.example.com', 'network', 'https://api.example.com'],
  ['filesystem.read:./data', 'filesystem.read', './data'],
  ['filesystem.read./data/*', 'filesystem.read', '/data/*'],
  ['filesystem.read./data:x/y', 'filesystem.read', '/data:x/y'],
  ['env:GEMINI_*', 'env', 'GEMINI_*'],
  ['exec:git', 'exec', 'git'],
  ['storage', 'storage', undefined],
  ['messages.send.*', 'messages.send.*', undefined],
  ['network:api.telegram.org:443', 'network', 'api.telegram.org:443'],
])('%s', (text, name, scope) => {
  expect(parsePattern(text)).toEqual(scope === undefined ? { name } : { name, scope })
})

test('both spellings of a path are printed as one', () => {
  expect(formatCapability(parsePattern('filesystem.read./data/*'))).toBe('filesystem.read:/data/*')
})

test.each([
  ['netwrok:GET https://x/', 'Did you mean network?'],
  ['filesystem.raed:/x', 'Did you mean filesystem.read?'],
  ['strage', 'Did you mean storage?'],
  ['storage.worksapce', 'Did you mean storage.workspace?'],
])('a slip of the pen in %s is named', (text, hint) => {
  expect(() => parsePattern(text)).toThrow(expect.objectContaining({ code: 'capability.invalid', hint }))
})

test('names of somebody else are left alone', () => {
  for (const text of ['nodes.read', 'artwork', 'events.emit', 'orders.lookup:eu/7']) {
    expect(() => parsePattern(text)).not.toThrow()
  }
})

test.each([
  '',
  ':x',
  '.',
  'a.',
  '.a',
  'a..b',
  'a b',
  'mess*',
  'a.**',
  'env:',
  'env: X',
  'env:X\n',
  'exec:git\u0000',
  'x'.repeat(257),
  `env:${'x'.repeat(70_000)}`,
  'ﬁlesystem.read:/x',
  'network\u200b:https://x/',
  'filesystem.read../x',
])('%j is refused with a hint', (text) => {
  for (const parse of [parsePattern, parseCapability]) {
    expect(() => parse(text)).toThrow(
      expect.objectContaining({ code: 'capability.invalid', hint: expect.stringMatching(/./) }),
    )
  }
})

test('a capability names one thing', () => {
  for (const text of ['exec.*', 'env:A*', 'filesystem.read:/data/*']) {
    expect(() => parseCapability(text)).toThrow(BulkheadError)
  }
})

test('a scope needs an exact name', () => {
  for (const text of ['filesystem.*:/data', '*:x', '*./data']) {
    expect(() => parsePattern(text)).toThrow(expect.objectContaining({ code: 'capability.invalid' }))
  }
})

test('what is printed is read back; any text is read or refused, never anything else', () => {
  fc.assert(
    fc.property(fc.oneof(fc.string(), fc.string({ unit: fc.constantFrom(...'ab.*:/-_ \u200b') })), (text) => {
      let parsed: ReturnType<typeof parsePattern>
      try {
        parsed = parsePattern(text)
      } catch (thrown) {
        expect(thrown).toMatchObject({ code: 'capability.invalid' })
        return
      }
      expect(parsePattern(formatCapability(parsed))).toEqual(parsed)
    }),
    { numRuns: 500 },
  )
})
