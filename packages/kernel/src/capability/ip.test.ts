import fc from 'fast-check'
import { expect, test } from 'vitest'
import { cidrContains, formatAddress, isPublicAddress, parseAddress, parseCidr } from './ip.ts'

test('addresses are read as the URL standard prints them, and print the same', () => {
  fc.assert(
    fc.property(fc.ipV6(), (text) => {
      const address = parseAddress(text)
      if (address === undefined) throw new Error(`${text} was not read`)
      if (address.version === 4) return
      expect(`[${formatAddress(address)}]`).toBe(new URL(`http://[${text}]/`).hostname)
      expect(parseAddress(formatAddress(address))).toEqual(address)
    }),
  )
  fc.assert(
    fc.property(fc.ipV4(), (text) => {
      expect(formatAddress(parseAddress(text) ?? { version: 6, bits: 0n })).toBe(text)
    }),
  )
})

test('a block holds what shares its prefix', () => {
  fc.assert(
    fc.property(fc.bigInt(0n, 2n ** 32n - 1n), fc.bigInt(0n, 2n ** 32n - 1n), fc.nat(32), (a, b, prefix) => {
      const shift = BigInt(32 - prefix)
      const base = formatAddress({ version: 4, bits: (a >> shift) << shift })
      const block = parseCidr(`${base}/${prefix}`)
      if (block === undefined) throw new Error(`${base}/${prefix} was not read`)
      expect(cidrContains(block, { version: 4, bits: b })).toBe(a >> shift === b >> shift)
    }),
  )
})

test.each(['1.1.1.1', '8.8.8.8', '172.32.0.1', '2606:4700::1111', '2a00::1'])('%s is public', (text) => {
  expect(isPublicAddress(parseAddress(text) ?? { version: 4, bits: 0n })).toBe(true)
})

test.each([
  '0.0.0.0',
  '10.0.0.1',
  '127.255.255.255',
  '169.254.169.254',
  '172.31.255.255',
  '192.168.0.1',
  '224.0.0.1',
  '255.255.255.255',
  '::',
  '::1',
  '::ffff:127.0.0.1',
  '::127.0.0.1',
  '64:ff9b::7f00:1',
  'fe80::1',
  'fd00::1',
  'ff02::1',
  '2001::1',
  '2002:7f00:1::',
  '2001:db8::1',
])('%s is not public', (text) => {
  expect(isPublicAddress(parseAddress(text) ?? { version: 4, bits: 134_744_072n })).toBe(false)
})

test.each([
  '',
  '1.2.3',
  '1.2.3.4.5',
  '01.2.3.4',
  '256.1.1.1',
  ':::',
  '1::2::3',
  '1:2:3:4:5:6:7',
  'fe80::1%eth0',
  '12345::',
  '::1.2.3',
  '1:2:3:4:5:6:7:8::',
])('%j is no address', (text) => {
  expect(parseAddress(text)).toBeUndefined()
})
