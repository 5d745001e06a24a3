// Laws of sets and of the canonical form, on capabilities and patterns made up by the hundred.

import fc from 'fast-check'
import { expect, test } from 'vitest'
import { canonicaliseCapability } from './canonical.ts'
import type { Capability } from './capability.ts'
import { formatCapability } from './format.ts'
import { matchCapability } from './match.ts'
import { parseCapability } from './parse.ts'
import { makeCapabilitySet } from './set.ts'

const roots = { workspaceRoot: '/srv', home: '/home/ada' }

const segment = fc.constantFrom('a', 'b', 'read', 'x-1')
const name = fc.array(segment, { minLength: 1, maxLength: 4 }).map((parts) => parts.join('.'))
const namePattern = fc
  .array(fc.oneof(segment, fc.constant('*')), { minLength: 1, maxLength: 4 })
  .map((parts) => parts.join('.'))
const pathPart = fc.constantFrom('a', 'b', '..', '.', 'data', '', 'A')
const path = fc
  .tuple(fc.constantFrom('/', './', '', '~/', '../'), fc.array(pathPart, { minLength: 1, maxLength: 5 }))
  .map(([start, parts]) => `${start}${parts.join('/')}` || '.')
const pathPattern = fc.tuple(path, fc.constantFrom('', '/*', '/**')).map(([start, end]) => `${start}${end}`)
const host = fc.constantFrom(
  'example.com',
  'a.example.com',
  'evil-example.com',
  'example.com.evil.com',
  'localhost',
  '10.0.0.1',
)
const hostPattern = fc.oneof(host, fc.constantFrom('*', '*.example.com', '*.com', 'a*.example.com'))
const port = fc.constantFrom('', ':443', ':8443')
const urlPath = fc.constantFrom(
  '',
  '/',
  '/v1',
  '/v1/x',
  '/v1/../admin',
  '/v1//x',
  '/%76%31/x',
  '/v1/%2E%2E/x',
  '/V1/x?q=1#f',
)
const urlPattern = fc.constantFrom('', '/', '/v1', '/v1/*', '/*/x', '/v1/x*')
const method = fc.constantFrom('GET', 'post')

const capability: fc.Arbitrary<Capability> = fc.oneof(
  name.map((text) => ({ name: text })),
  fc
    .tuple(fc.constantFrom('filesystem.read', 'filesystem.write'), path)
    .map(([kind, scope]) => ({ name: kind, scope })),
  fc
    .tuple(method, fc.constantFrom('http', 'https'), host, port, urlPath)
    .map(([verb, scheme, at, on, where]) => ({ name: 'network', scope: `${verb} ${scheme}://${at}${on}${where}` })),
  fc.constantFrom('GEMINI_KEY', 'HOME', 'gemini_key').map((scope) => ({ name: 'env', scope })),
)
const pattern: fc.Arbitrary<string> = fc.oneof(
  namePattern,
  fc
    .tuple(fc.constantFrom('filesystem.read', 'filesystem.write'), pathPattern)
    .map(([kind, scope]) => `${kind}:${scope}`),
  fc
    .tuple(
      fc.constantFrom('', 'GET ', 'POST '),
      fc.constantFrom('http://', 'https://', ''),
      hostPattern,
      port,
      urlPattern,
    )
    .map((parts) => `network:${parts.join('')}`),
  fc.constantFrom('env:GEMINI_*', 'env:*', 'env:HOME', 'network', 'network:*', 'env'),
)
const patterns = fc.array(pattern, { maxLength: 4 })
const setOf = (list: readonly string[]) => makeCapabilitySet(list, roots)
const runs = { numRuns: 1000 }

test('an intersection is inside each of its sets, and in any order the same', () => {
  fc.assert(
    fc.property(patterns, patterns, patterns, capability, (a, b, c, asked) => {
      const sets = [setOf(a), setOf(b), setOf(c)] as const
      const all = sets[0].intersect(sets[1], sets[2]).contains(asked)
      expect(all).toBe(sets.every((set) => set.contains(asked)))
      expect(sets[2].intersect(sets[0], sets[1]).contains(asked)).toBe(all)
      expect(sets[0].allowedBy(sets[1], asked)).toBe(sets[1].allowedBy(sets[0], asked))
    }),
    runs,
  )
})

test('a set grows with its patterns and never shrinks; the empty one contains nothing', () => {
  fc.assert(
    fc.property(patterns, pattern, capability, (list, more, asked) => {
      expect(makeCapabilitySet([]).contains(asked)).toBe(false)
      if (setOf(list).contains(asked)) expect(setOf([...list, more]).contains(asked)).toBe(true)
      expect(setOf([...list, more]).contains(asked)).toBe(setOf(list).contains(asked) || setOf([more]).contains(asked))
    }),
    runs,
  )
})

test('what a pattern allows, the same pattern denies; what counts by name counts anyhow', () => {
  fc.assert(
    fc.property(patterns, capability, (list, asked) => {
      const set = setOf(list)
      if (set.contains(asked)) expect(set.touches(asked)).toBe(true)
      if (set.containsNamed(asked)) expect(set.contains(asked)).toBe(true)
    }),
    runs,
  )
})

test('the canonical form of the canonical form is itself, and it is decided the same', () => {
  fc.assert(
    fc.property(capability, patterns, (asked, list) => {
      const once = canonicaliseCapability(asked, roots)
      expect(canonicaliseCapability(once, {})).toEqual(once)
      expect(parseCapability(formatCapability(once))).toEqual(once)
      expect(setOf(list).contains(once)).toBe(setOf(list).contains(asked))
      expect(setOf(list).touches(once)).toBe(setOf(list).touches(asked))
    }),
    runs,
  )
})

test('a capability, as a pattern, covers itself', () => {
  fc.assert(
    fc.property(capability, (asked) => {
      const text = formatCapability(canonicaliseCapability(asked, roots))
      expect(matchCapability(text, text)).toBe(true)
    }),
    runs,
  )
})

test('a name pattern is split at dots: a star takes whole segments, at least one', () => {
  const spells = (given: readonly string[], text: readonly string[]): boolean => {
    const [first, ...rest] = given
    if (first === undefined) return text.length === 0
    if (first !== '*') return text[0] === first && spells(rest, text.slice(1))
    return text.some((_, index) => spells(rest, text.slice(index + 1)))
  }
  fc.assert(
    fc.property(namePattern, name, (given, text) => {
      expect(matchCapability(given, text)).toBe(spells(given.split('.'), text.split('.')))
    }),
    runs,
  )
})

test('no pattern with an exact name covers another name, or a scope by a name alone', () => {
  fc.assert(
    fc.property(pattern, capability, (given, asked) => {
      const [written = ''] = given.split(':', 1)
      if (written.includes('*')) return
      if (written !== asked.name) expect(setOf([given]).contains(asked)).toBe(false)
      if (written === given && asked.scope !== undefined) expect(setOf([given]).contains(asked)).toBe(false)
    }),
    runs,
  )
})

test('no path pattern covers a path that does not lie under its fixed part', () => {
  fc.assert(
    fc.property(pathPattern, path, (given, asked) => {
      const { scope = '' } = canonicaliseCapability({ name: 'filesystem.read', scope: asked }, roots)
      if (!setOf([`filesystem.read:${given}`]).contains({ name: 'filesystem.read', scope: asked })) return
      const base = given.replace(/\/\*{1,2}$/, '') || '/'
      const { scope: fixed = '' } = canonicaliseCapability({ name: 'filesystem.read', scope: base }, roots)
      expect(scope === fixed || scope.startsWith(fixed === '/' ? '/' : `${fixed}/`)).toBe(true)
    }),
    runs,
  )
})
