// Runs the filter as the kernel would, over made-up calls.

import fc from 'fast-check'
import { expect, test } from 'vitest'
import { auditArchitectures, filterAnswers, makeSystemCallFilter } from './seccomp.ts'
import { type Architecture, type SystemCall, systemCallNumber, systemCalls } from './system-calls.ts'

const architectures: Architecture[] = ['x64', 'arm64']

/** A call as a filter sees it: struct seccomp_data. */
const callData = (number: number, audit: number, values: readonly bigint[]): DataView => {
  const view = new DataView(new ArrayBuffer(64))
  view.setUint32(0, number, true)
  view.setUint32(4, audit, true)
  for (const [index, value] of values.entries()) view.setBigUint64(16 + index * 8, BigInt.asUintN(64, value), true)
  return view
}

/** Interprets a program (the codes as linux/bpf_common.h has them), as strictly as the kernel's checker. */
const runFilter = (program: Uint8Array, data: DataView): number => {
  const view = new DataView(program.buffer, program.byteOffset, program.byteLength)
  let accumulator = 0
  for (let index = 0; ; index++) {
    expect(index * 8).toBeLessThan(program.length)
    const [code, yes, no] = [
      view.getUint16(index * 8, true),
      view.getUint8(index * 8 + 2),
      view.getUint8(index * 8 + 3),
    ]
    const k = view.getUint32(index * 8 + 4, true)
    const jump = (taken: boolean): void => void (index += taken ? yes : no)
    if (code === 0x20) {
      expect(k % 4).toBe(0)
      accumulator = data.getUint32(k, true)
    } else if (code === 0x54) accumulator = (accumulator & k) >>> 0
    else if (code === 0x15) jump(accumulator === k)
    else if (code === 0x35) jump(accumulator >= k)
    else if (code === 0x45) jump((accumulator & k) !== 0)
    else if (code === 0x06) return k
    else throw new Error(`The code ${code.toString(16)} is not one that the filter uses.`)
  }
}

const answers = new Map([
  [filterAnswers.kill, 'kill'],
  [filterAnswers.allow, 'allow'],
  [filterAnswers.errno | 1, 'EPERM'],
  [filterAnswers.errno | 38, 'ENOSYS'],
  [filterAnswers.errno | 97, 'EAFNOSUPPORT'],
])

interface Call {
  readonly architecture?: Architecture
  readonly audit?: number
  readonly internet?: boolean
  readonly local?: boolean
}

const filters = new Map<string, Uint8Array>()
const ask = (call: SystemCall | number, values: readonly (number | bigint)[] = [], options: Call = {}): string => {
  const { architecture = 'x64', internet = false, local = false, audit = auditArchitectures[architecture] } = options
  const key = `${architecture} ${internet} ${local}`
  const filter = filters.get(key) ?? makeSystemCallFilter({ architecture, internet, local })
  filters.set(key, filter)
  const number = typeof call === 'number' ? call : systemCallNumber(call, architecture)
  const answer = runFilter(filter, callData(number ?? -1, audit, values.map(BigInt)))
  return answers.get(answer) ?? `0x${answer.toString(16)}`
}

/** Writes 32 bits into an argument of 64, with rubbish above, where the kernel does not look. */
const withHighBits = (value: number): bigint => (0xdead_beefn << 32n) | BigInt(value >>> 0)

test('calls of another architecture end the program, whatever their number', () => {
  for (const audit of [0x4000_0003, auditArchitectures.arm64, 0]) {
    expect(ask(1, [], { audit })).toBe('kill')
    expect(ask('ptrace', [], { audit })).toBe('kill')
  }
  expect(ask(64, [], { architecture: 'arm64', audit: auditArchitectures.x64 })).toBe('kill')
})

test('x32 calls end the program', () => {
  expect(ask(0x4000_0000 + 1)).toBe('kill')
  expect(ask(0x4000_0000 + 521)).toBe('kill')
  expect(ask(0x3fff_ffff)).toBe('allow')
})

test.each(architectures)('what reaches around the namespaces is refused on %s', (architecture) => {
  const calls = (names: string): SystemCall[] => names.trim().split(/\s+/) as SystemCall[]
  const refused = calls(`
    ptrace process_vm_readv process_vm_writev pidfd_getfd kcmp io_uring_setup io_uring_enter io_uring_register
    mount umount2 pivot_root chroot fsopen fsconfig fsmount fspick move_mount open_tree mount_setattr unshare setns
    add_key request_key keyctl bpf perf_event_open userfaultfd open_by_handle_at quotactl quotactl_fd acct syslog`)
  for (const call of refused) expect([call, ask(call, [], { architecture })]).toEqual([call, 'EPERM'])
  const killed = calls('kexec_load kexec_file_load init_module finit_module delete_module swapon swapoff reboot')
  for (const call of killed) expect([call, ask(call, [], { architecture })]).toEqual([call, 'kill'])
  for (const call of calls('clone3 openat2 inotify_init1'))
    expect([call, ask(call, [], { architecture })]).toEqual([call, 'ENOSYS'])
})

/** Arguments that are refused, of calls that pass with others. */
const telling: { readonly [name in SystemCall]?: readonly number[] } = {
  ioctl: [0, 0x5412],
  personality: [8],
  fcntl: [0, 1024],
  prlimit64: [1],
  sched_setparam: [1],
  sched_setscheduler: [1],
  sched_setaffinity: [1],
  sched_setattr: [1],
}

test('every call of the table that an architecture has is looked at, and no number stands twice', () => {
  const everything = (1n << 64n) - 1n
  for (const architecture of architectures) {
    const numbers = Object.keys(systemCalls).map((name) => systemCallNumber(name as SystemCall, architecture))
    const known = numbers.filter((number) => number !== null)
    expect(new Set(known).size).toBe(known.length)
    for (const name of Object.keys(systemCalls) as SystemCall[]) {
      if (systemCallNumber(name, architecture) === null) continue
      const judged = telling[name] ?? Array(6).fill(everything)
      expect([name, ask(name, judged, { architecture })]).not.toEqual([name, 'allow'])
    }
  }
})

test('what is not named is allowed', () => {
  const named = new Set(Object.keys(systemCalls).map((name) => systemCallNumber(name as SystemCall, 'x64')))
  fc.assert(
    fc.property(
      fc.integer({ min: 0, max: 470 }),
      fc.array(fc.bigInt({ min: 0n, max: (1n << 64n) - 1n }), { maxLength: 6 }),
      (number, values) => {
        fc.pre(!named.has(number))
        expect(ask(number, values)).toBe('allow')
      },
    ),
  )
})

test('clone makes threads and processes, and no namespace', () => {
  const thread = 0x3d_0f00
  expect(ask('clone', [thread])).toBe('allow')
  expect(ask('clone', [17])).toBe('allow')
  for (const flag of [0x2_0000, 0x200_0000, 0x400_0000, 0x800_0000, 0x1000_0000, 0x2000_0000, 0x4000_0000]) {
    expect(ask('clone', [flag | 17])).toBe('EPERM')
    expect(ask('clone', [withHighBits(flag | 17)])).toBe('EPERM')
  }
})

test('a terminal is not typed into, also with bits that the kernel does not look at', () => {
  expect(ask('ioctl', [0, 0x5413])).toBe('allow')
  for (const request of [0x5412, 0x541c]) {
    expect(ask('ioctl', [0, request])).toBe('EPERM')
    expect(ask('ioctl', [0, withHighBits(request)])).toBe('EPERM')
    expect(ask('ioctl', [0, request], { architecture: 'arm64' })).toBe('EPERM')
  }
})

test('of sockets only those that are asked for are made', () => {
  const families = Array.from({ length: 46 }, (_, family) => family)
  const allowed = (call: SystemCall, asked: Call): number[] =>
    families.filter((family) => ask(call, [family, 1], asked) === 'allow')
  expect(allowed('socket', {})).toEqual([])
  expect(allowed('socket', { internet: true })).toEqual([2, 10])
  expect(allowed('socket', { local: true })).toEqual([1])
  expect(allowed('socket', { internet: true, local: true })).toEqual([1, 2, 10])
  for (const local of [true, false]) expect(allowed('socketpair', { local })).toEqual([1])
  expect(ask('socket', [withHighBits(16)])).toBe('EAFNOSUPPORT')
})

test('without Unix sockets, pairs are of streams: one of datagrams could send to any path', () => {
  const [stream, datagram, raw, packets] = [1, 2, 3, 5]
  const flags = 0x8_0800
  const pair = (type: number, local = false): string => ask('socketpair', [1, type], { local })
  expect([stream, packets, stream | flags].map((type) => pair(type))).toEqual(['allow', 'allow', 'allow'])
  expect([datagram, raw, datagram | flags].map((type) => pair(type))).not.toContain('allow')
  expect(pair(datagram, true)).toBe('allow')
})

test('no file gets a set-id bit', () => {
  for (const bit of [0o4000, 0o2000]) {
    for (const call of ['chmod', 'fchmod', 'mkdir', 'mknod', 'creat'] as const) {
      expect([call, ask(call, [0, 0o755 | bit])]).toEqual([call, 'EPERM'])
      expect([call, ask(call, [0, 0o1777])]).toEqual([call, 'allow'])
    }
    for (const call of ['fchmodat', 'fchmodat2', 'mkdirat', 'mknodat'] as const) {
      expect([call, ask(call, [0, 0, 0o755 | bit])]).toEqual([call, 'EPERM'])
      expect([call, ask(call, [0, 0, 0o755])]).toEqual([call, 'allow'])
    }
    expect(ask('openat', [0, 0, 0o101, 0o700 | bit])).toBe('EPERM')
    expect(ask('openat', [0, 0, 0x41_0001, 0o700 | bit])).toBe('EPERM')
    expect(ask('open', [0, 0o101, 0o700 | bit])).toBe('EPERM')
  }
  expect(ask('openat', [0, 0, 0o101, 0o700])).toBe('allow')
  // Without a file to make, what stands in the register of the mode means nothing.
  expect(ask('openat', [0, 0, 0o2, 0o7777])).toBe('allow')
})

test('a program bounds and moves its own processes, and not process 1', () => {
  for (const call of [
    'prlimit64',
    'sched_setparam',
    'sched_setscheduler',
    'sched_setaffinity',
    'sched_setattr',
  ] as const) {
    for (const pid of [0, 2, 257]) expect([call, ask(call, [pid])]).toEqual([call, 'allow'])
    for (const pid of [1, withHighBits(1)]) expect([call, ask(call, [pid])]).toEqual([call, 'EPERM'])
  }
})

test('a file is locked and not leased', () => {
  // F_GETFD, F_SETLK and F_ADD_SEALS.
  for (const command of [1, 6, 1033]) expect(ask('fcntl', [3, command])).toBe('allow')
  for (const command of [1024, withHighBits(1024)]) expect(ask('fcntl', [3, command])).toBe('EPERM')
})

test('the personality can be asked for and not changed', () => {
  expect(ask('personality', [0xffff_ffff])).toBe('allow')
  expect(ask('personality', [0])).toBe('allow')
  for (const bits of [0x4_0000, 0x40_0000, 8]) expect(ask('personality', [bits])).toBe('EPERM')
})
