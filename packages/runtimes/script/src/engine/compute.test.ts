// What is computed for a guest, and which arguments are refused because nothing bounds what they would cost.

import { expect, test } from 'vitest'
import { compute, maxComputeBytes } from './compute.ts'

const nothing = new Uint8Array()
const nested = `${'['.repeat(1500)}${']'.repeat(1500)}`

test.each([
  ...['utf8-encode', 'atob', 'btoa', 'encoding-name'].flatMap((operation) => [
    [operation, `[${Array(100).fill(nested).join()}]`],
    [operation, '["YQ=="]'],
    [operation, ' "YQ=="'],
    [operation, '1'],
  ]),
  ['url-parse', '"http://a/"'],
  ['url-parse', '[["http://a/"]]'],
  ['url-parse', '[{"0":"http://a/"}]'],
  ['url-parse', `["http://a/"${',""'.repeat(3)}]`],
  ['url-parse', JSON.stringify([`http://a/${'x'.repeat(128 * 1024)}`])],
  ['url-assign', '["http://a/","origin","b"]'],
  ['url-assign', '["http://a/","hash",1]'],
  ['encoding-name', JSON.stringify(`utf-8${' '.repeat(300)}`)],
  ['decode', '"utf-8"'],
  ['decode', '{"encoding":["utf-8"]}'],
  ['decode', JSON.stringify({ encoding: 'utf-8', more: 'x'.repeat(300) })],
  ['query-format', '"&a"'],
  ['toString', '""'],
])('%s refuses %.60s', (operation, json) => {
  expect(compute(operation, json, nothing)).toBeUndefined()
})

test('bytes beyond the bound are not decoded', () => {
  const options = '{"encoding":"utf-8","fatal":false,"ignoreBOM":false}'
  expect(compute('decode', options, new Uint8Array(maxComputeBytes).fill(97))).toHaveLength(maxComputeBytes + 2)
  expect(compute('decode', options, new Uint8Array(maxComputeBytes + 1))).toBeUndefined()
})

test('what suits is computed', () => {
  expect(compute('utf8-encode', '"é"', nothing)).toEqual(new Uint8Array([0xc3, 0xa9]))
  expect([compute('btoa', '"a"', nothing), compute('atob', '"YQ=="', nothing)]).toEqual(['"YQ=="', '"a"'])
  expect(compute('encoding-name', '"latin1"', nothing)).toBe('"windows-1252"')
  expect(JSON.parse(compute('url-parse', '["../b","http://a/c/d"]', nothing) as string)).toMatchObject({
    href: 'http://a/b',
  })
  expect(JSON.parse(compute('url-assign', '["http://a/","hash","b"]', nothing) as string)).toMatchObject({
    href: 'http://a/#b',
  })
})
