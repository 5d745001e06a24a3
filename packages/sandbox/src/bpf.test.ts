import { expect, test } from 'vitest'
import { assembleBpf, type BpfLine } from './bpf.ts'

const pass: BpfLine = { do: 'return', value: 1 }

test('an instruction is laid out as struct sock_filter', () => {
  const bytes = assembleBpf([
    { do: 'load', offset: 4 },
    { do: 'if', test: 'equal', value: 0xc000003e, else: 'no' },
    { do: 'return', value: 0x7fff0000 },
    { do: 'label', name: 'no' },
    { do: 'return', value: 0x80000000 },
  ])
  expect(Buffer.from(bytes).toString('hex').match(/.{16}/g)).toEqual([
    '2000000004000000',
    '150000013e0000c0',
    '060000000000ff7f',
    '0600000000000080',
  ])
})

test('a jump reaches 255 instructions and not one more', () => {
  const jumpOver = (count: number): BpfLine[] => [
    { do: 'if', test: 'equal', value: 1, then: 'far' },
    ...Array.from({ length: count }, () => pass),
    { do: 'label', name: 'far' },
    pass,
  ]
  expect(assembleBpf(jumpOver(255))).toHaveLength(257 * 8)
  expect(() => assembleBpf(jumpOver(256))).toThrow(/out of reach/)
})

test('labels that are missing, doubled or above are refused', () => {
  const jump: BpfLine = { do: 'if', test: 'equal', value: 1, then: 'there' }
  const label: BpfLine = { do: 'label', name: 'there' }
  expect(() => assembleBpf([jump, pass])).toThrow(/no label/)
  expect(() => assembleBpf([jump, label, pass, label, pass])).toThrow(/twice/)
  expect(() => assembleBpf([label, jump, pass])).toThrow(/out of reach/)
  expect(() => assembleBpf(Array.from({ length: 4097 }, () => pass))).toThrow(/4097/)
})
