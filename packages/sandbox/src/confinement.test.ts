import { expect, test } from 'vitest'
import { checkConfinement, type Confinement } from './confinement.ts'

const plain: Confinement = {
  argv: ['/usr/bin/true'],
  workingFolder: '/tmp',
  readable: [],
  writable: [],
  sockets: [],
  environment: {},
  system: 'programs',
  network: 'none',
  tmpBytes: 1 << 20,
  limits: { memoryBytes: 1 << 26, cpuSeconds: 5, processes: 16, openFiles: 64, fileSizeBytes: 1 << 20 },
}
const refusal = (part: Partial<Confinement>) => () => checkConfinement({ ...plain, ...part })
const invalid = expect.objectContaining({ code: 'sandbox.invalid' })

test('strange names that Linux allows are taken as they are', () => {
  const strange = [
    '/data/two words',
    '/data/--bind',
    '/data/line\nbreak',
    '/data/“quoted”',
    '/data/$(reboot)',
    '/data/a:b,c',
  ]
  expect(refusal({ readable: strange, writable: strange, argv: ['/data/--help', '--', '', '\n'] })).not.toThrow()
})

test.each(['readable', 'writable', 'sockets'] as const)('a path of %s that cannot be granted is refused', (field) => {
  const bad = [
    '',
    'relative',
    './x',
    '/a/../b',
    '/a/./b',
    '/a//b',
    '/a/',
    '/a\0b',
    '/',
    '/proc',
    '/proc/1',
    '/dev',
    '/dev/null',
  ]
  for (const path of [...bad, '/sys', '/sys/kernel', '/tmp'])
    expect(refusal({ [field]: [path] }), path).toThrow(invalid)
  for (const path of ['/tmp/x', '/process', '/a/..b', '/a/...'])
    expect(refusal({ [field]: [path] }), path).not.toThrow()
})

test('NUL characters, names that no environment has and programs without a path are refused', () => {
  for (const argv of [[], [''], ['sh'], ['./sh'], ['--unshare-all'], ['/bin/sh', 'a\0b']])
    expect(refusal({ argv })).toThrow(invalid)
  for (const name of ['', 'A=B', '1A', 'A B', 'A\n', 'Ä', '-A'])
    expect(refusal({ environment: { [name]: '' } })).toThrow(invalid)
  expect(refusal({ environment: { A: 'x\0y' } })).toThrow(invalid)
  expect(refusal({ environment: { A_1: 'x\ny=z', _: '' } })).not.toThrow()
  expect(refusal({ workingFolder: 'tmp' })).toThrow(invalid)
})

test('limits are whole numbers that leave room to start', () => {
  const names = ['memoryBytes', 'cpuSeconds', 'processes', 'openFiles', 'fileSizeBytes'] as const
  for (const name of names) {
    for (const value of [-1, 0.5, Number.NaN, Infinity, 2 ** 53]) {
      expect(refusal({ limits: { ...plain.limits, [name]: value } }), name).toThrow(invalid)
    }
  }
  expect(refusal({ tmpBytes: 0 })).toThrow(invalid)
  expect(refusal({ limits: { ...plain.limits, fileSizeBytes: 0 } })).not.toThrow()
})
