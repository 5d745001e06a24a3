// What a reattach configuration may say.

import { expect, test } from 'vitest'
import { parseReattach } from './reattach.ts'

const config = (fields: object, Addr: object = { Network: 'unix', String: '/tmp/plugin1' }): string =>
  JSON.stringify({ Protocol: 'grpc', ProtocolVersion: 1, Pid: 7, Test: true, Addr, ...fields })

test('a socket and a port of the loopback are taken', () => {
  expect(parseReattach(config({}))).toEqual({ version: 1, address: { network: 'unix', path: '/tmp/plugin1' } })
  const port = { Network: 'tcp', String: '127.0.0.1:8001' }
  expect(parseReattach(config({}, port)).address).toEqual({ network: 'tcp', host: '127.0.0.1', port: 8_001 })
})

test.each([
  ['another protocol', config({ Protocol: 'netrpc' })],
  ['another machine', config({}, { Network: 'tcp', String: '10.0.0.1:8001' })],
  ['no port', config({}, { Network: 'tcp', String: '127.0.0.1:0' })],
  ['a port that is none', config({}, { Network: 'tcp', String: '127.0.0.1:70000' })],
  ['a path that is not absolute', config({}, { Network: 'unix', String: 'plugin1' })],
  ['nothing', 'null'],
])('%s is refused', (_, json) => {
  expect(() => parseReattach(json)).toThrowError(expect.objectContaining({ code: 'usage.invalid' }))
})
