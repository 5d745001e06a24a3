import fc from 'fast-check'
import { expect, test } from 'vitest'
import { canonicalTargetHost, connectInput, parseAuthority, tunnelScope } from './target.ts'

test('hosts in one spelling', () => {
  expect(canonicalTargetHost('API.Example.com.')).toBe('api.example.com')
  expect(canonicalTargetHost('0x7f.1')).toBe('127.0.0.1')
  expect(canonicalTargetHost('[0:0:0:0:0:0:0:1]')).toBe('[::1]')
  for (const host of ['', '.', 'a..b', 'a b', 'a@b', '[::1', '::1', 'bücher.example', 'a/b', 'a%2eb', '1.2.3.4.5']) {
    expect({ host, read: canonicalTargetHost(host) }).toEqual({ host, read: undefined })
  }
})

test('a connection is asked for as a grant without a scheme is read', () => {
  expect(tunnelScope({ host: 'db.example.com', port: 5432 })).toBe('CONNECT https://db.example.com:5432/')
  expect(tunnelScope({ host: 'example.com', port: 80 })).toBe('CONNECT http://example.com:80/')
})

test('whatever is read is read as itself again, and holds nothing that divides a URL', () => {
  fc.assert(
    fc.property(fc.string({ maxLength: 60 }), fc.nat(70_000), (text, number) => {
      const given = parseAuthority(`${text}:${number}`)
      const read = given === undefined ? undefined : connectInput.safeParse(given)
      if (read?.success !== true) return
      expect(connectInput.parse(read.data)).toEqual(read.data)
      expect(new URL(`https://${read.data.host}:${read.data.port}/`).hostname).toBe(read.data.host)
    }),
  )
})
