// The idea: make one text mean two things. A capability that reads as granted while its effect is elsewhere, because
// of a separator inside a name, another spelling of a host, or an encoding that is taken off once too often.

import {
  canonicaliseCapability,
  formatCapability,
  makeCapabilitySet,
  matchCapability,
  parsePattern,
} from '@bulkhead/kernel'
import { expect, test } from 'vitest'

const network = (pattern: string, scope: string): boolean => matchCapability(`network:${pattern}`, `network:${scope}`)

test('separators in names and scopes do not move the border between them', () => {
  for (const [pattern, capability] of [
    // A scope that looks like more name, a name that looks like a scope.
    ['config.read', 'config.read:self'],
    ['config:read.self', 'config.read.self'],
    ['filesystem.read./data/*', 'filesystem.read./etc/./data/x'],
    ['filesystem.read:/data', 'filesystem.read:/etc:/data'],
    ['messages.*', 'messages'],
    ['messages.*', 'messages.:x'],
    ['messages.*', 'messages..x'],
    ['exec:git', 'exec.git'],
    ['exec.git', 'exec:git'],
    ['env:A', 'env:A:B'],
    ['env:A', 'env:A./B'],
    ['*', ':x'],
    ['*', './x'],
    ['*', ' '],
    ['*', 'a b'],
    ['*', 'network\u0000'],
    ['sessions.read', 'sessions.read\n'],
    ['sessions.read', ' sessions.read'],
    ['sessions.read', 'sessions\u200b.read'],
    ['sessions.read', 'sessiоns.read'],
  ]) {
    expect(matchCapability(pattern ?? '', capability ?? ''), `${pattern} against ${capability}`).toBe(false)
  }
})

test('a capability with a star in it is no capability: it would read as a wider grant in a hint', () => {
  for (const capability of ['env:*', 'filesystem.read:/data/*', 'exec:*', 'orders.read:*', 'sessions.*']) {
    expect(makeCapabilitySet(['*']).contains(capability), capability).toBe(false)
    expect(makeCapabilitySet([]).touches(capability), capability).toBe(true)
  }
  // An address may have one; as a grant its canonical text covers that very address and no other.
  const { scope = '' } = canonicaliseCapability({ name: 'network', scope: 'GET https://api.example.com/v1/*?q=*' }, {})
  expect(network(scope, 'GET https://api.example.com/v1/*')).toBe(true)
  expect(network(scope, 'GET https://api.example.com/v1/secret')).toBe(false)
})

test('hosts are compared as a resolver sees them, whatever their spelling', () => {
  const same = [
    'https://api.example.com/',
    'https://API.EXAMPLE.COM/',
    'https://api.example.com./',
    'https://api.example.com:443/',
    'https://api%2Eexample.com/',
    'https://api。example。com/',
    'https://ａｐｉ.example.com/',
    'https://api\u00ad.example.com/',
  ]
  for (const url of same) expect(network('api.example.com', `GET ${url}`), url).toBe(true)
  for (const url of [
    'https://api.example.com.evil.com/',
    'https://evil-api.example.com/',
    'https://api.example.com@evil.com/',
    'https://api.example.com:443@evil.com/',
    'https://evil.com/api.example.com',
    'https://evil.com/?https://api.example.com/',
    'https://evil.com#api.example.com',
    'https://evil.com\\@api.example.com/',
    'https://api.example.com\\.evil.com/',
    'https://аpi.example.com/',
    'https://api.example.com../',
    'https://api.example.com%00.evil.com/',
    'https://api.example.com%2Fevil.com/',
    'http://api.example.com/',
    'https://api.example.com:80/',
    'https:/\t/api.example.com/',
    'ws://api.example.com/',
    'file://api.example.com/etc/passwd',
  ]) {
    expect(network('api.example.com', `GET ${url}`), url).toBe(false)
  }
})

test('a domain with its subdomains ends at its own label', () => {
  for (const url of [
    'https://example.com.evil.com/',
    'https://evil-example.com/',
    'https://examplexcom/',
    'https://com/',
  ]) {
    expect(network('*.example.com', `GET ${url}`), url).toBe(false)
  }
})

test('no spelling of an inner address slips through a wildcard', () => {
  const inner = [
    'http://127.1/',
    'http://0177.0.0.1/',
    'http://0x7f000001/',
    'http://2130706433/',
    'http://127.0.0.1./',
    'http://①②⑦.⓪.⓪.①/',
    'http://[::]/',
    'http://[0:0:0:0:0:ffff:7f00:1]/',
    'http://[::ffff:169.254.169.254]/',
    'http://[::7f00:1]/',
    'http://LOCALHOST/',
    'http://localhost./',
    'http://foo.localhost/',
    'http://ⓛocalhost/',
    'http://0/',
  ]
  const grants = makeCapabilitySet(['*', 'network.*', 'network:*', 'network:http://*', 'network:http://*:*'])
  for (const url of inner) expect(grants.containsNamed(`network:GET ${url}`), url).toBe(false)
})

test('a granted path cannot be left by any encoding, and a method stays what it is', () => {
  for (const url of [
    '/v1/../admin',
    '/v1/./../admin',
    '/v1/%2e%2e/admin',
    '/v1/.%2e/admin',
    '/v1/%2e%2e%2fadmin',
    '/v1/..%2fadmin',
    '/v1/..%5cadmin',
    '/v1/..\\admin',
    '/v1/%252e%252e/admin',
    '/v1/%25252e%25252e%25252fadmin',
    '/v1/%%32e%%32e/admin',
    '/v1/..;x=1/admin',
    '/v1/..%3b/admin',
    '/v1/%c0%ae%c0%ae/admin',
    '/v1/x%00/../../admin',
    '/V1/x',
    '//v1.evil/x',
    '/v1%2Fx',
    '/v1',
    '/v11/x',
  ]) {
    expect(network('GET https://api.example.com/v1/*', `GET https://api.example.com${url}`), url).toBe(false)
  }
  for (const method of ['POST', 'GET\t', 'GE', 'GETX', 'GET,POST', '*', '']) {
    expect(network('GET https://api.example.com', `${method} https://api.example.com/`), method).toBe(false)
  }
})

test('a grant is stored as it reads: what is printed is what is parsed', () => {
  for (const text of ['network:GET https://api.example.com/v1/*', 'filesystem.read./data/*', 'env:A:B', 'x.y:./z']) {
    const pattern = parsePattern(text)
    expect(parsePattern(formatCapability(pattern))).toEqual(pattern)
  }
})

test('hostile lengths are refused before anything is matched', () => {
  const long = 'a'.repeat(10_000_000)
  for (const text of [long, `env:${long}`, `network:GET https://${long}/`, `${'a.'.repeat(1_000_000)}b`]) {
    expect(matchCapability('*', text)).toBe(false)
    expect(matchCapability(text, 'env:A')).toBe(false)
    expect(() => parsePattern(text)).toThrow(expect.objectContaining({ code: 'capability.invalid' }))
  }
})
