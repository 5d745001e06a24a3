// Attempts to reach what was not granted: each tries to break one promise from inside, with bare system calls, so that
// nothing but the kernel and the sandbox answers.

import { existsSync, readFileSync } from 'node:fs'
import { createServer } from 'node:net'
import { constants, homedir } from 'node:os'
import { join } from 'node:path'
import type { ProgramCall } from './call-program.ts'
import { waitUntilGone } from './host-process.ts'
import { all, bareConfinement, compare, creating, currentFolder, open, plain, type Probe } from './probe.ts'
import { runCalls } from './run-calls.ts'
import { startConfined } from './start-confined.ts'

const { ENOENT, EROFS, ESRCH, EPERM, ENOSYS, EAFNOSUPPORT, EACCES } = constants.errno
const SIGSYS = 31

/** struct sockaddr_in for 127.0.0.1, and struct sockaddr_un for an abstract name. */
const internetAddress = (port: number): Uint8Array =>
  Uint8Array.of(2, 0, port >> 8, port & 0xff, 127, 0, 0, 1, ...all(8, 0))
const abstractAddress = (name: string): Uint8Array => Uint8Array.of(1, 0, ...Buffer.from(name))

/** Listens while an attempt runs; tells whether anybody came. */
const visited = async (where: string | { port: number; host: string }, work: (port: number) => Promise<unknown>) => {
  let visits = 0
  const server = createServer((socket) => {
    visits++
    socket.destroy()
  })
  await new Promise<void>((resolve, reject) => server.once('error', reject).listen(where as never, resolve))
  try {
    const address = server.address()
    await work(typeof address === 'object' && address !== null ? address.port : 0)
    // A connection that the kernel took is told in the next turns of the event loop.
    await new Promise((resolve) => setTimeout(resolve, 5))
    return visits > 0
  } finally {
    server.close()
  }
}

/** The attempts, in the order in which people read them. */
export const reachProbes: readonly Probe[] = [
  {
    name: 'files',
    promise: 'files of the host that were not granted do not exist',
    attempt: async ({ folder }) => {
      const paths = ['/etc/passwd', '/etc/shadow', '/usr', '/sys', homedir(), join(folder, 'secret')]
      return compare(
        await runCalls(
          paths.map((path) => open(path)),
          bareConfinement,
        ),
        all(paths.length, ENOENT),
        paths,
      )
    },
  },
  {
    name: 'writing',
    promise: 'what was granted for reading is not written',
    attempt: async ({ folder }) => {
      const paths = [join(folder, 'new'), '/new', '/dev/new', '/proc/1/mem', '/proc/self/comm']
      const calls = paths.map((path, index) => open(path, index < 3 ? creating : 1, 0o600))
      const outcome = await runCalls(calls, { ...bareConfinement, readable: [folder] })
      // To the program of an ordinary user process 1 is somebody else's, and that is said first.
      const memory = outcome.answers[3] === -EACCES ? EACCES : EROFS
      const seen = compare(outcome, [EROFS, EROFS, EROFS, memory, EROFS], paths)
      return existsSync(join(folder, 'new')) ? 'a file was made' : seen
    },
  },
  {
    name: 'devices',
    promise: 'device files of the host keep their modes',
    attempt: async () => {
      const paths = ['/dev/null', '/dev/urandom', '/dev/tty']
      // The mode that they have: nothing comes of it where it succeeds.
      const calls = paths.map((path): ProgramCall => ({ call: 'fchmodat', arguments: [currentFolder, path, 0o666] }))
      return compare(await runCalls(calls, bareConfinement), all(paths.length, EPERM), paths)
    },
  },
  {
    name: 'environment',
    promise: 'no variable of the host reaches the program',
    attempt: async ({ architecture }) => {
      const read: ProgramCall = {
        call: plain('read', architecture),
        arguments: [{ answerOf: 0 }, new Uint8Array(64), 64],
      }
      const { answers } = await runCalls([open('/proc/1/environ'), read], bareConfinement)
      // bubblewrap sets the working folder (PWD) for the program alone.
      return answers[1] === 0 || answers[0] === -EACCES ? undefined : 'the environment of process 1 is not empty'
    },
  },
  {
    name: 'processes',
    promise: 'processes of the host cannot be signalled',
    attempt: async ({ architecture }) => {
      const { answers } = await runCalls(
        [{ call: plain('kill', architecture), arguments: [process.pid, 0] }],
        bareConfinement,
      )
      return answers[0] === -ESRCH ? undefined : 'this process was found'
    },
  },
  {
    name: 'network',
    promise: 'there is no network',
    attempt: async ({ architecture }) => {
      const tries = (port: number): ProgramCall[] => [
        { call: 'socket', arguments: [2, 1, 0] },
        { call: plain('connect', architecture), arguments: [{ answerOf: 0 }, internetAddress(port), 16] },
      ]
      let answered: readonly number[] = []
      const came = await visited({ port: 0, host: '127.0.0.1' }, async (port) => {
        answered = (await runCalls(tries(port), bareConfinement)).answers
        await runCalls(tries(port), { ...bareConfinement, network: 'loopback' })
      })
      if (came) return 'a server of the host was reached'
      return answered[0] === -EAFNOSUPPORT ? undefined : 'an internet socket was made'
    },
  },
  {
    name: 'abstract-sockets',
    promise: 'abstract sockets of the host are not reached',
    attempt: async ({ architecture }) => {
      const name = `\0bulkhead-probe-${process.pid}`
      const tries: ProgramCall[] = [
        { call: 'socket', arguments: [1, 1, 0] },
        { call: plain('connect', architecture), arguments: [{ answerOf: 0 }, abstractAddress(name), 2 + name.length] },
      ]
      // By the filter, and where Unix sockets are made, by the namespace.
      for (const localSockets of [false, true]) {
        if (await visited(name, () => runCalls(tries, { ...bareConfinement, localSockets }))) return 'one was reached'
      }
      return undefined
    },
  },
  {
    name: 'path-sockets',
    promise: 'sockets that stand in a granted folder are not reached',
    attempt: async ({ folder, architecture }) => {
      const path = join(folder, 'socket')
      const address = Uint8Array.of(1, 0, ...Buffer.from(path), 0)
      const connect = plain('connect', architecture)
      const tries: ProgramCall[] = [
        { call: 'socket', arguments: [1, 1, 0] },
        { call: connect, arguments: [{ answerOf: 0 }, address, address.length] },
      ]
      return (await visited(path, () => runCalls(tries, { ...bareConfinement, readable: [folder] })))
        ? 'one was reached'
        : undefined
    },
  },
  {
    name: 'system-calls',
    promise: 'system calls that reach around the walls are refused',
    attempt: async () => {
      const calls = [
        'ptrace',
        'process_vm_readv',
        'io_uring_setup',
        'unshare',
        'setns',
        'mount',
        'bpf',
        'userfaultfd',
      ] as const
      const more = ['keyctl', 'perf_event_open', 'clone3', 'openat2'] as const
      const names = [...calls, ...more]
      const expected = names.map((name) => (name === 'clone3' || name === 'openat2' ? ENOSYS : EPERM))
      // With no rights asked for: PTRACE_TRACEME, unshare(0), keyctl of the session's key, and the like would all work.
      const zeros = names.map((call): ProgramCall => ({ call, arguments: [0, 0, 0, 0, 0, 0] }))
      return compare(await runCalls(zeros, bareConfinement), expected, names)
    },
  },
  {
    name: 'first-process',
    promise: 'process 1 of the sandbox, which ends it with its host, is left alone',
    attempt: async () => {
      const zeros = new Uint8Array(16)
      const calls: ProgramCall[] = [
        { call: 'prlimit64', arguments: [1, 7, zeros, 0] },
        { call: 'sched_setscheduler', arguments: [1, 5, zeros] },
      ]
      return compare(await runCalls(calls, bareConfinement), all(2, EPERM), ['its limits', 'its turn'])
    },
  },
  {
    name: 'terminal',
    promise: 'nothing is typed into the terminal of the host',
    attempt: async () => {
      const calls: ProgramCall[] = [0x5412, 0x541c, 0x1_0000_5412].map((request) => ({
        call: 'ioctl',
        arguments: [0, request, 'x'],
      }))
      return compare(await runCalls(calls, bareConfinement), all(3, EPERM), [
        'TIOCSTI',
        'TIOCLINUX',
        'TIOCSTI in disguise',
      ])
    },
  },
  {
    name: 'other-gates',
    promise: 'system calls of other architectures end the program',
    attempt: async ({ architecture }) => {
      // A 64-bit arm program has no such gate.
      if (architecture !== 'x64') return undefined
      const gates: ProgramCall[] = [{ call: 20, by32BitGate: true }, { call: 0x4000_0000 + 39 }]
      const exits = await Promise.all(gates.map((gate) => runCalls([gate], bareConfinement)))
      const broken = ['32-bit', 'x32'].filter((_, index) => exits[index]?.exit.signal !== SIGSYS)
      return broken.length === 0 ? undefined : `${broken.join(', ')}: the program went on`
    },
  },
  {
    name: 'set-id',
    promise: 'no file with a set-id bit is made',
    attempt: async () => {
      const creation = open('/tmp/set-id', creating, 0o4755)
      const change: ProgramCall = { call: 'fchmodat', arguments: [currentFolder, '/tmp', 0o2777] }
      return compare(await runCalls([creation, change], bareConfinement), all(2, EPERM), ['openat', 'fchmodat'])
    },
  },
  {
    name: 'orphans',
    promise: 'nothing outlives the process that started it',
    attempt: async ({ folder }) => {
      // It stays whatever becomes of its streams.
      await using confined = await startConfined({
        ...bareConfinement,
        argv: [join(folder, 'wait')],
        readable: [join(folder, 'wait')],
      })
      const parent = Number(/^PPid:\s*(\d+)/m.exec(readFileSync(`/proc/${confined.pid}/status`, 'utf8'))?.[1])
      process.kill(parent, 'SIGKILL')
      if (await waitUntilGone(confined.pid, 2_000)) return undefined
      process.kill(confined.pid, 'SIGKILL')
      return 'the sandbox went on'
    },
  },
]
