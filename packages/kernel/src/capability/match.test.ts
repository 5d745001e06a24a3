import { expect, test } from 'vitest'
import { matchCapability } from './match.ts'
import { makeCapabilitySet } from './set.ts'

test.each([
  ['exact match', 'sessions.read', 'sessions.read', true],
  ['no match', 'sessions.read', 'sessions.write', false],
  ['wildcard all', '*', 'anything.here', true],
  ['wildcard suffix', 'sessions.*', 'sessions.read', true],
  ['wildcard suffix no match', 'sessions.*', 'messages.send', false],
  ['wildcard below two segments', 'messages.send.*', 'messages.send.telegram', true],
  ['path scoped', 'filesystem.read./data/*', 'filesystem.read./data/plugins/foo', true],
  ['path scoped no match', 'filesystem.read./data/*', 'filesystem.read./etc/shadow', false],
  ['self scope', 'config.read.self', 'config.read.self', true],
  ['self scope no match', 'config.read.self', 'config.read.other', false],
  ['one star, two segments', 'exec.*', 'exec.run.sandboxed', true],
  ['empty pattern', '', 'sessions.read', false],
  ['empty capability', 'sessions.read', '', false],
])('%s: %s against %s', (_name, pattern, capability, matches) => {
  expect(matchCapability(pattern, capability)).toBe(matches)
})

test.each([
  ['*', 'one', true],
  ['*', '', false],
  ['', '', false],
  ['a.*', 'a', false],
  ['a.*', 'a.', false],
  ['a.*', 'ab.c', false],
  ['*.c', 'a.b.c', true],
  ['*.c', 'c', false],
  ['a.*.d', 'a.b.c.d', true],
  ['a.*.d', 'a.d', false],
  ['*.*', 'a', false],
  ['*.*', 'a.b', true],
  ['a.*.b.*.c', 'a.x.b.y.c', true],
  ['a.*.b.*.c', 'a.b.b.b.c', true],
  ['a.*.b.*.c', 'a.b.b.c', false],
  ['mess*', 'messages', false],
  ['a..b', 'a..b', false],
  ['sessions.Read', 'sessions.read', false],
])('names: %s against %s', (pattern, capability, matches) => {
  expect(matchCapability(pattern, capability)).toBe(matches)
})

test.each([
  ['storage', 'storage', true],
  ['storage', 'storage:x', false],
  ['storage:x', 'storage', false],
  ['exec', 'exec:git', false],
  ['exec.*', 'exec:git', false],
  ['*', 'filesystem.write:/etc/passwd', true],
  ['filesystem.*', 'filesystem.write:/etc/passwd', true],
  ['*.read', 'filesystem.read:/x', false],
  ['*.read', 'notes.read', true],
  ['filesystem.*:/data', 'filesystem.read:/data', false],
  ['filesystem.read:/data', 'filesystem.write:/data', false],
])('scopes and names: %s against %s', (pattern, capability, matches) => {
  expect(matchCapability(pattern, capability)).toBe(matches)
})

test('a set contains what some pattern covers', () => {
  const set = makeCapabilitySet(['sessions.read', 'sessions.write', 'messages.send.*'])
  expect(set.contains('sessions.read')).toBe(true)
  expect(set.contains('messages.send.telegram')).toBe(true)
  expect(set.contains('exec.run')).toBe(false)
  expect(set.contains('config.write.global')).toBe(false)
  expect(set.contains({ name: 'sessions.read' })).toBe(true)
  expect(set.patterns).toEqual(['sessions.read', 'sessions.write', 'messages.send.*'])
})

test('allowed by both sets, or not', () => {
  const a = makeCapabilitySet(['sessions.*', 'messages.send.*', 'exec.run'])
  const b = makeCapabilitySet(['sessions.read', 'messages.*'])
  expect(a.allowedBy(b, 'sessions.read')).toBe(true)
  expect(a.allowedBy(b, 'exec.run')).toBe(false)
  expect(a.intersect(b).contains('messages.send.sms')).toBe(true)
  expect(a.intersect(b).contains('messages.drop')).toBe(false)
  expect(makeCapabilitySet([]).contains('sessions.read')).toBe(false)
})
