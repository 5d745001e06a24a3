// A confined program makes bare system calls to get around its namespaces: at other processes, at mounts, at new
// namespaces, at queues and terminals, through the gates of other architectures.

import { constants } from 'node:os'
import type { ProgramCall } from '@bulkhead/sandbox'
import { expect, test } from 'vitest'
import { runCalls, linux } from '../support/confined.ts'

const { EPERM, EAFNOSUPPORT } = constants.errno
const ENOSYS = constants.errno.ENOSYS
const SIGSYS = 31
const x64 = process.arch === 'x64'

/** Room for structures that calls write to or read zeros from. */
const zeros = new Uint8Array(128)

test.runIf(linux)(
  'calls that pass are made: what is refused below is refused by the filter and not by the program',
  async () => {
    // umask(022) answers the mask before; the first descriptor of an open is 3.
    const umask = x64 ? 95 : 166
    const { answers } = await runCalls([
      { call: umask, arguments: [0o22] },
      { call: umask, arguments: [0o22] },
      { call: 'openat', arguments: [-100, '/tmp/x', 0o102, 0o600] },
      { call: 'fchmod', arguments: [{ answerOf: 2 }, 0o644] },
      { call: 'socketpair', arguments: [1, 1, 0, new Uint8Array(8)] },
    ])
    expect(answers.slice(1)).toEqual([0o22, 3, 0, 0])
  },
)

const refused: Record<string, ProgramCall> = {
  PTRACE_TRACEME: { call: 'ptrace', arguments: [0, 0, 0, 0] },
  'ptrace of process 1': { call: 'ptrace', arguments: [16, 1, 0, 0] },
  'reading the memory of process 1': { call: 'process_vm_readv', arguments: [1, zeros, 0, zeros, 0, 0] },
  'writing the memory of process 1': { call: 'process_vm_writev', arguments: [1, zeros, 0, zeros, 0, 0] },
  io_uring_setup: { call: 'io_uring_setup', arguments: [1, zeros] },
  io_uring_enter: { call: 'io_uring_enter', arguments: [0, 0, 0, 0, 0, 0] },
  'a bind mount': { call: 'mount', arguments: ['/', '/tmp', 0, 4096, 0] },
  'unmounting /proc': { call: 'umount2', arguments: ['/proc', 2] },
  pivot_root: { call: 'pivot_root', arguments: ['/tmp', '/tmp'] },
  'a detached mount': { call: 'open_tree', arguments: [-100, '/', 0] },
  'a new file system': { call: 'fsopen', arguments: ['tmpfs', 0] },
  'leaving the user namespace': { call: 'unshare', arguments: [0x1000_0000] },
  'leaving the mount namespace': { call: 'unshare', arguments: [0x2_0000] },
  'joining a namespace': { call: 'setns', arguments: [0, 0] },
  'a child in a new user namespace': { call: 'clone', arguments: [0x1000_0011, 0, 0, 0, 0] },
  'a key of the session': { call: 'keyctl', arguments: [0, -3, 1] },
  'a new key': { call: 'add_key', arguments: ['user', 'x', 'y', 1, -2] },
  bpf: { call: 'bpf', arguments: [0, zeros, 128] },
  perf_event_open: { call: 'perf_event_open', arguments: [zeros, 0, -1, -1, 0] },
  userfaultfd: { call: 'userfaultfd', arguments: [1] },
  open_by_handle_at: { call: 'open_by_handle_at', arguments: [-100, zeros, 0] },
  TIOCSTI: { call: 'ioctl', arguments: [0, 0x5412, 'x'] },
  'TIOCSTI with other high bits': { call: 'ioctl', arguments: [0, 0xdead_beef_0000_5412n, 'x'] },
  TIOCLINUX: { call: 'ioctl', arguments: [0, 0x541c, zeros] },
  'turning address randomisation off': { call: 'personality', arguments: [0x4_0000] },
  'a set-id file': { call: 'openat', arguments: [-100, '/tmp/s', 0o101, 0o4755] },
  'taking the descriptors of process 1': { call: 'prlimit64', arguments: [1, 7, zeros, 0] },
  'process 1 behind all others': { call: 'sched_setscheduler', arguments: [1, 5, zeros] },
  'a set-id bit': { call: 'fchmodat', arguments: [-100, '/tmp', 0o4755] },
}

test.runIf(linux)('what reaches around the namespaces is refused', async () => {
  const names = Object.keys(refused)
  const { answers, exit } = await runCalls(Object.values(refused))
  expect(exit.code).toBe(0)
  expect(Object.fromEntries(names.map((name, index) => [name, answers[index]]))).toEqual(
    Object.fromEntries(names.map((name) => [name, -EPERM])),
  )
})

test.runIf(linux)('calls whose arguments a filter cannot see are said not to exist', async () => {
  const { answers } = await runCalls([
    { call: 'clone3', arguments: [zeros, 88] },
    { call: 'openat2', arguments: [-100, '/tmp', zeros, 24] },
  ])
  expect(answers).toEqual([-ENOSYS, -ENOSYS])
})

test.runIf(linux).each(['init_module', 'kexec_load', 'swapon', 'reboot'] as const)(
  '%s ends the program',
  async (call) => {
    // The arguments are wrong for each of them, so that nothing comes of it where the filter is missing.
    const { answers, exit } = await runCalls([{ call, arguments: [0, 0, 0, 0] }])
    expect(answers).toEqual([])
    expect(exit.signal).toBe(SIGSYS)
  },
)

test.runIf(linux)('socket families beyond those that were asked for are refused', async () => {
  const families = [1, 2, 10, 16, 17, 38, 40]
  const calls = families.map(
    (family): ProgramCall => ({ call: 'socket', arguments: [family, family === 17 ? 3 : 2, 0] }),
  )
  const made = async (network: 'none' | 'loopback', localSockets: boolean): Promise<number[]> => {
    const { answers } = await runCalls(calls, { network, localSockets })
    expect(answers.filter((answer) => answer < 0 && answer !== -EAFNOSUPPORT)).toEqual([])
    return families.filter((_, index) => (answers[index] as number) >= 0)
  }
  expect(await made('none', false)).toEqual([])
  expect(await made('none', true)).toEqual([1])
  expect(await made('loopback', true)).toEqual([1, 2, 10])
})

test.runIf(linux && x64)('the gate of 32-bit programs ends the program', async () => {
  // getpid of 32-bit programs.
  const { answers, exit } = await runCalls([{ call: 20, by32BitGate: true }])
  expect(answers).toEqual([])
  expect(exit.signal).toBe(SIGSYS)
})

test.runIf(linux && x64)('x32 calls end the program', async () => {
  const { answers, exit } = await runCalls([{ call: 0x4000_0000 + 39 }])
  expect(answers).toEqual([])
  expect(exit.signal).toBe(SIGSYS)
})
