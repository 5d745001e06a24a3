import { expect, test } from 'vitest'
import { canonicaliseCapability } from '../canonical.ts'
import { matchCapability } from '../match.ts'
import { makeCapabilitySet } from '../set.ts'

const matches = (pattern: string, scope: string): boolean => matchCapability(`network:${pattern}`, `network:${scope}`)

test.each([
  ['GET https://API.Example.com', 'GET https://api.example.com:443/'],
  ['get HTTPS://api.example.com:443/v1/x?key=secret#top', 'GET https://api.example.com:443/v1/x'],
  ['GET http://example.com./', 'GET http://example.com:80/'],
  ['GET https://example.com/a/../b/./c', 'GET https://example.com:443/b/c'],
  ['GET https://example.com/%61%2d%2f', 'GET https://example.com:443/a-%2F'],
  ['GET https://example.com//a///b', 'GET https://example.com:443/a/b'],
  ['GET https://bücher.example/', 'GET https://xn--bcher-kva.example:443/'],
  ['GET http://0x7f.1/', 'GET http://127.0.0.1:80/'],
  ['GET http://[::FFFF:127.0.0.1]/', 'GET http://[::ffff:7f00:1]:80/'],
  ['GET https://x.example/*?q=*', 'GET https://x.example:443/%2A'],
  ['GET wss://x.example/chat', 'GET wss://x.example:443/chat'],
])('%s is %s', (scope, canonical) => {
  const once = canonicaliseCapability({ name: 'network', scope }, {})
  expect(once.scope).toBe(canonical)
  expect(canonicaliseCapability(once, {})).toEqual(once)
})

test.each([
  'https://example.com/',
  'GET example.com',
  'GET ftp://example.com/',
  'GET https:example.com',
  'GET https://user@example.com/',
  'GET https://user:pass@example.com/',
  'GET https://api.example.com@evil.example/',
  'GET https://@example.com/',
  'GET https://example.com\\@evil.example/',
  'GET https://exa mple.com/',
  'GET https://example..com/',
  'GET https://example.com:99999/',
  'GET https://example.com/v1/..%2fadmin',
  'GET https://example.com/v1/%2e%2e%2fadmin',
  'GET https://example.com/v1/%252e%252e/admin',
  'GET https://example.com/v1/%%32%65%%32%65/admin',
  'GET https://example.com/v1/..;/admin',
  'GET https://example.com/v1/%5c..%5cadmin',
  'GET https://example.com/v1/%00',
  'GET https://example.com/v1/%c0%ae%c0%ae/admin',
  'GET https://example.com/v1/%e0%80%ae%e0%80%ae/admin',
  'GET https://example.com/v1/%F0%80%80%AE%F0%80%80%AE/admin',
  'GET https://example.com/v1/%25e0%2580%25af../admin',
  'GET https://example.com/v1/%u002e%u002e/admin',
])('%s is refused', (scope) => {
  expect(() => canonicaliseCapability({ name: 'network', scope }, {})).toThrow(
    expect.objectContaining({ code: 'capability.invalid' }),
  )
})

test.each([
  ['https://api.example.com', 'POST https://api.example.com/x/y', true],
  ['https://api.example.com', 'GET http://api.example.com/', false],
  ['https://api.example.com', 'GET https://api.example.com:8443/', false],
  ['https://api.example.com:*', 'GET https://api.example.com:8443/', true],
  ['GET https://api.example.com/v1/*', 'GET https://api.example.com/v1/a/b', true],
  ['get https://api.example.com/v1/*', 'GET https://api.example.com/v1/', true],
  ['GET https://api.example.com/v1/*', 'GET https://api.example.com/v1', false],
  ['GET https://api.example.com/v1/*', 'POST https://api.example.com/v1/a', false],
  ['GET https://api.example.com/v1/*', 'GET https://api.example.com/v1/../admin', false],
  ['GET https://api.example.com/v1/*', 'GET https://api.example.com/v1/%2e%2e/admin', false],
  ['GET https://api.example.com/v1/*', 'GET https://api.example.com/v10/x', false],
  ['GET https://api.example.com/v1', 'GET https://api.example.com/v1', true],
  ['GET https://api.example.com/v1', 'GET https://api.example.com/v1/x', false],
  ['https://api.example.com/u/*/x', 'GET https://api.example.com/u/7/x', true],
  ['https://api.example.com/u/*/x', 'GET https://api.example.com/u/7/8/x', false],
  ['https://api.example.com/u/*/x', 'GET https://api.example.com/u/7%2F8/x', false],
  ['https://api.example.com/u/*/x', 'GET https://api.example.com/u//x', false],
  ['https://api.example.com/%2A', 'GET https://api.example.com/*', true],
  ['https://api.example.com/%2A', 'GET https://api.example.com/x', false],
  ['api.telegram.org:443', 'POST https://api.telegram.org/bot', true],
  ['api.telegram.org:443', 'POST http://api.telegram.org/bot', false],
  ['api.telegram.org:80', 'POST http://api.telegram.org/bot', true],
  ['oauth2.googleapis.com', 'GET https://oauth2.googleapis.com/token', true],
  ['*.google.com', 'GET https://accounts.google.com/', true],
  ['*.example.com', 'GET https://example.com/', true],
  ['*.example.com', 'GET https://a.b.example.com/', true],
  ['*.example.com', 'GET https://example.com.evil.com/', false],
  ['*.example.com', 'GET https://evil-example.com/', false],
  ['*.example.com', 'GET https://example.com./', true],
  ['*.EXAMPLE.com', 'GET https://A.example.COM/', true],
  ['api-*.example.com', 'GET https://api-7.example.com/', true],
  ['api-*.example.com', 'GET https://api-7.x.example.com/', false],
  ['*.bücher.example', 'GET https://a.xn--bcher-kva.example/', true],
  ['*', 'DELETE http://example.com:81/x', true],
  ['POST *', 'GET https://example.com/', false],
  ['POST *', 'POST https://example.com/', true],
  ['https://*', 'GET https://example.com/', true],
  ['https://*/v1/*', 'GET https://example.com/v1/x', true],
  ['https://*/v1/*', 'GET https://example.com/v2/x', false],
])('%s against %s', (pattern, scope, expected) => {
  expect(matches(pattern, scope)).toBe(expected)
})

test.each([
  'http://localhost:8080/',
  'http://a.localhost:8080/',
  'http://localhost.:8080/',
  'http://127.0.0.1:8080/',
  'http://2130706433:8080/',
  'http://10.1.2.3:8080/',
  'http://169.254.169.254:8080/latest/meta-data',
  'http://100.64.1.1:8080/',
  'http://[::1]:8080/',
  'http://[::ffff:10.0.0.1]:8080/',
  'http://[fd00::1]:8080/',
  'http://[fe80::1]:8080/',
  'http://[64:ff9b::a00:1]:8080/',
  'http://[2002:a00:1::]:8080/',
])('no wildcard covers %s; its own name does', (url) => {
  for (const pattern of ['*', 'http://*:*', 'http://*:8080', 'http://*.localhost:8080', 'http://*.1:8080']) {
    expect(matches(pattern, `GET ${url}`)).toBe(false)
  }
  expect(matches(url.replace(/\/latest.*/, ''), `GET ${url}`)).toBe(true)
  // A denial has no such exception, and neither has a set that names no kind of capability at all.
  expect(makeCapabilitySet(['network:*']).touches(`network:GET ${url}`)).toBe(true)
  expect(makeCapabilitySet(['*']).contains(`network:GET ${url}`)).toBe(true)
  expect(makeCapabilitySet(['*']).containsNamed(`network:GET ${url}`)).toBe(false)
})

test('public literal addresses are covered by a lone star, never by labels', () => {
  expect(matches('http://*:*', 'GET http://8.8.8.8/')).toBe(true)
  expect(matches('http://[2606:4700::1111]', 'GET http://[2606:4700:0::1111]/')).toBe(true)
  expect(matches('http://8.8.8.*', 'GET http://8.8.8.8/')).toBe(false)
  expect(matches('http://*.8', 'GET http://8.8.8.8/')).toBe(false)
  expect(matches('http://8.8.8.8*', 'GET http://8.8.8.88/')).toBe(false)
})

test.each([
  'https://api.example.com/v1?x=1',
  'https://user@api.example.com',
  'ftp://api.example.com',
  'https://*.*.com',
  'https://a.*.com',
  'https://api.example.com/../x',
  'https://api.example.com/a/%2e%2e/x',
  'https://api.example.com/**/x',
  'https://api.example.com:0',
  'https://api.example.com:70000',
  'https://',
  'https:///x',
  'GE T https://x',
  'https://a..b',
])('the pattern %s is refused', (pattern) => {
  expect(() => makeCapabilitySet([`network:${pattern}`])).toThrow(
    expect.objectContaining({ code: 'capability.invalid' }),
  )
})

test('a denial sees through spellings that an allowance does not trust', () => {
  const denies = makeCapabilitySet(['network:https://api.example.com/admin/*'])
  for (const path of ['/admin/x', '//admin/x', '/%61dmin/x', '/adm%2569n/x', '/ADMIN/x', '/admin%2Fx', '/%2Fadmin/x']) {
    expect(denies.touches(`network:GET https://api.example.com${path}`), path).toBe(true)
  }
  expect(denies.touches('network:GET https://api.example.com/public')).toBe(false)
})

test('a tunnel is covered by the whole of a host and port, never by a method or a path', () => {
  const tunnel = 'CONNECT https://api.example.com:443/'
  for (const pattern of [
    'api.example.com',
    'api.example.com:443',
    'https://api.example.com/',
    'https://*',
    '*',
    'CONNECT *',
  ]) {
    expect(matches(pattern, tunnel), pattern).toBe(true)
  }
  for (const pattern of [
    ...['GET https://api.example.com', 'POST api.example.com:443', 'https://api.example.com/v1/*'],
    ...['api.example.com:8443', 'http://api.example.com', 'https://example.com', 'wss://api.example.com'],
  ]) {
    expect(matches(pattern, tunnel), pattern).toBe(false)
  }
  expect(matches('CONNECT https://api.example.com', 'GET https://api.example.com/')).toBe(false)
  expect(matches('example.com:80', 'CONNECT http://example.com:80/')).toBe(true)
})

test('whatever is denied at a host and port denies a tunnel to it', () => {
  const tunnel = 'network:CONNECT https://api.example.com:443/'
  for (const pattern of [
    'DELETE https://api.example.com',
    'https://api.example.com/admin/*',
    'http://api.example.com:443',
  ]) {
    expect(makeCapabilitySet([`network:${pattern}`]).touches(tunnel), pattern).toBe(true)
  }
  for (const pattern of ['https://api.example.com:8443', 'https://other.example.com', 'http://api.example.com']) {
    expect(makeCapabilitySet([`network:${pattern}`]).touches(tunnel), pattern).toBe(false)
  }
  // One request is still told from another.
  const one = makeCapabilitySet(['network:DELETE https://api.example.com/x'])
  expect(one.touches('network:GET https://api.example.com/x')).toBe(false)
})
