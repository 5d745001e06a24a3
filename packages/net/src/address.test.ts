import * as fc from 'fast-check'
import { expect, test } from 'vitest'
import { canonicalAddress, classifyAddress } from './address.ts'

test.each([
  ['8.8.8.8', 'public'],
  ['1.1.1.1', 'public'],
  ['192.31.196.1', 'public'],
  ['0.0.0.0', 'unspecified'],
  ['0.1.2.3', 'unspecified'],
  ['10.0.0.1', 'private'],
  ['100.64.0.1', 'shared'],
  ['100.127.255.255', 'shared'],
  ['100.128.0.1', 'public'],
  ['127.0.0.1', 'loopback'],
  ['127.255.255.254', 'loopback'],
  ['169.254.1.1', 'link-local'],
  ['169.254.169.254', 'metadata'],
  ['169.254.170.2', 'metadata'],
  ['100.100.100.200', 'metadata'],
  ['168.63.129.16', 'platform'],
  ['172.15.255.255', 'public'],
  ['172.16.0.1', 'private'],
  ['172.31.255.255', 'private'],
  ['172.32.0.1', 'public'],
  ['192.0.0.8', 'reserved'],
  ['192.0.2.1', 'documentation'],
  ['192.88.99.1', 'transition'],
  ['192.168.1.1', 'private'],
  ['198.18.0.1', 'reserved'],
  ['198.19.255.255', 'reserved'],
  ['203.0.113.9', 'documentation'],
  ['224.0.0.1', 'multicast'],
  ['240.0.0.1', 'reserved'],
  ['255.255.255.255', 'reserved'],
  ['2606:4700:4700::1111', 'public'],
  ['::', 'unspecified'],
  ['::1', 'loopback'],
  ['::2', 'reserved'],
  ['::7f00:1', 'reserved'],
  ['::ffff:127.0.0.1', 'loopback'],
  ['::ffff:8.8.8.8', 'public'],
  ['::ffff:a9fe:a9fe', 'metadata'],
  ['64:ff9b::8.8.8.8', 'public'],
  ['64:ff9b::10.0.0.1', 'private'],
  ['64:ff9b::a9fe:a9fe', 'metadata'],
  ['64:ff9b:1::1', 'transition'],
  ['100::1', 'reserved'],
  ['2001::1', 'transition'],
  ['2001:0:7f00:1::', 'transition'],
  ['2001:db8::1', 'documentation'],
  ['2002:7f00:1::', 'transition'],
  ['2002:808:808::', 'transition'],
  ['3fff::1', 'documentation'],
  ['5f00::1', 'reserved'],
  ['fc00::1', 'private'],
  ['fd00:ec2::254', 'metadata'],
  ['fd12:3456::1', 'private'],
  ['fe80::1', 'link-local'],
  ['fec0::1', 'private'],
  ['ff02::1', 'multicast'],
  ['fe80::1%eth0', 'reserved'],
  ['127.1', 'reserved'],
  ['0177.0.0.1', 'reserved'],
  ['2130706433', 'reserved'],
  ['localhost', 'reserved'],
  ['', 'reserved'],
])('%s is %s', (address, kind) => {
  expect(classifyAddress(address)).toBe(kind)
})

test('wrapping an IPv4 address in IPv6 never makes it more public', () => {
  fc.assert(
    fc.property(fc.ipV4(), (address) => {
      const bare = classifyAddress(address)
      expect(classifyAddress(`::ffff:${address}`)).toBe(bare)
      expect(classifyAddress(`64:ff9b::${address}`)).toBe(bare)
      expect(classifyAddress(`::${address}`)).not.toBe('public')
    }),
  )
})

test('an address has one spelling', () => {
  expect(canonicalAddress('::FFFF:127.0.0.1')).toBe('127.0.0.1')
  expect(canonicalAddress('2001:0DB8:0:0:0:0:0:1')).toBe('2001:db8::1')
  expect(canonicalAddress('fe80::1%1')).toBeUndefined()
  expect(canonicalAddress('example.com')).toBeUndefined()
})
