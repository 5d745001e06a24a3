import { expect, test } from 'vitest'
import { matchCapability } from '../match.ts'
import { makeCapabilitySet } from '../set.ts'

const roots = { workspaceRoot: '/srv', home: '/home/ada' }

test.each([
  ['./data', './data', true],
  ['./data', 'data/a/b', true],
  ['./data', '/srv/data/a', true],
  ['./data', './data/../secret', false],
  ['./data', './database', false],
  ['./data', './DATA/x', false],
  ['.', 'anything/below', true],
  ['.', '../outside', false],
  ['../shared', '/shared/x', true],
  ['/data/*', '/data/a', true],
  ['/data/*', '/data/a/b/c', true],
  ['/data/**', '/data/a/b/c', true],
  ['/data/*', '/data', false],
  ['/data/*', '/data/../etc/passwd', false],
  ['/data/*', '/data//a', true],
  ['/data/*/out', '/data/a/out/x', true],
  ['/data/*/out', '/data/a/b/out', false],
  ['/data/*.txt', '/data/a.txt', true],
  ['/data/*.txt', '/data/a/b.txt', false],
  ['/data/*.txt', '/data/a.txt/b', false],
  ['/data/', '/data/x', true],
  ['/', '/etc/passwd', true],
  ['~/notes', '/home/ada/notes/x', true],
  ['~/notes', '~/notes/x', true],
  ['~', '/home/ada/.ssh/id', true],
  ['/data/%2e%2e', '/data/..', false],
])('path %s against %s', (pattern, scope, expected) => {
  expect(matchCapability(`filesystem.read:${pattern}`, `filesystem.read:${scope}`, roots)).toBe(expected)
})

test('without roots relative paths match each other, and nothing absolute', () => {
  expect(matchCapability('filesystem.read:./data', 'filesystem.read:./data/x')).toBe(true)
  expect(matchCapability('filesystem.read:./data', 'filesystem.read:/data/x')).toBe(false)
  expect(() => makeCapabilitySet(['filesystem.read:./data'])).toThrow(
    expect.objectContaining({ code: 'capability.invalid' }),
  )
})

test.each(['/data/**/x', '/data/*/../x', '/data\\x', 'a\\..\\b'])('the path pattern %s is refused', (pattern) => {
  expect(() => makeCapabilitySet([`filesystem.read:${pattern}`], roots)).toThrow(
    expect.objectContaining({ code: 'capability.invalid' }),
  )
})

test('a denial of a path means its other spellings on forgiving file systems', () => {
  const denies = makeCapabilitySet(['filesystem.write:./Secret'], roots)
  for (const path of ['./secret/x', './SECRET', './sec\u200bret', './secret.', './ＳＥＣＲＥＴ']) {
    expect(denies.touches(`filesystem.write:${path}`), path).toBe(true)
  }
  expect(makeCapabilitySet(['filesystem.write']).touches('filesystem.write:/x')).toBe(true)
})

test.each([
  ['GEMINI_*', 'GEMINI_API_KEY', true],
  ['GEMINI_*', 'gemini_api_key', false],
  ['GEMINI_*', 'GEMINI', false],
  ['GEMINI_*', 'MY_GEMINI_KEY', false],
  ['*_KEY', 'A_KEY', true],
  ['GOOGLE_API_KEY', 'GOOGLE_API_KEY', true],
  ['GEMINI_*', 'OPENAI_API_KEY', false],
  ['*', 'A=B', false],
])('env %s against %s', (pattern, scope, expected) => {
  expect(matchCapability(`env:${pattern}`, `env:${scope}`)).toBe(expected)
})

test.each([
  ['git', 'git', true],
  ['git', 'git status -s', true],
  ['git status', 'git status -s', true],
  ['git status', 'git stash', false],
  ['git', 'gitk', false],
  ['git', '/tmp/git', false],
  ['git s*', 'git status', true],
  ['/usr/bin/*', '/usr/bin/../../tmp/x', false],
])('exec %s against %s', (pattern, scope, expected) => {
  expect(matchCapability(`exec:${pattern}`, `exec:${scope}`)).toBe(expected)
})

test('a denied program is denied by its path as well', () => {
  expect(makeCapabilitySet(['exec:rm']).touches('exec:/bin/rm -rf x')).toBe(true)
})

test.each([
  ['10.0.0.0/8', '10.1.2.3', true],
  ['10.0.0.0/8', '11.1.2.3', false],
  ['10.1.2.3', '10.1.2.3', true],
  ['10.1.2.3', '10.1.2.4', false],
  ['10.0.0.0/8', '::ffff:10.1.2.3', true],
  ['0.0.0.0/0', '127.0.0.1', true],
  ['0.0.0.0/0', '::1', false],
  ['fd00::/8', 'fd12:3456::1', true],
  ['fd00::/8', 'fe80::1', false],
  ['::1', '0:0:0:0:0:0:0:1', true],
  ['::/0', 'fe80::1', true],
])('network.private %s against %s', (pattern, scope, expected) => {
  expect(matchCapability(`network.private:${pattern}`, `network.private:${scope}`)).toBe(expected)
})

test.each([
  '*',
  '10.*',
  '10.0.0.1/8',
  '10.0.0.0/33',
  '10.0.0.0/08',
  '010.0.0.1',
  '::ffff:10.0.0.0/104',
  'localhost',
  '1.2.3',
])('network.private:%s is refused', (pattern) => {
  expect(() => makeCapabilitySet([`network.private:${pattern}`])).toThrow(
    expect.objectContaining({ code: 'capability.invalid' }),
  )
})

test('scopes of unknown names are literal, with stars, and never climb', () => {
  expect(matchCapability('orders.read:eu/*', 'orders.read:eu/7/8')).toBe(true)
  expect(matchCapability('orders.read:eu/*', 'orders.read:us/7')).toBe(false)
  expect(matchCapability('orders.read:eu/*', 'orders.read:eu/../us/7')).toBe(false)
  expect(matchCapability('orders.read:eu.7', 'orders.read:eu.7')).toBe(true)
  expect(matchCapability('orders.read:eu.*', 'orders.read:euX7')).toBe(false)
})
