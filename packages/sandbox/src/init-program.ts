// Process 1 of every sandbox. It bounds itself and so whatever it starts, starts the gate, fetches the dead, and ends like
// the gate's program; and it ends, and with it the kernel ends all others, when the other end of its lifeline is gone. That
// end is the host's alone, so however the host dies and whenever it does, nothing of the sandbox stays. It is a socket: one
// cannot be opened by a name in /proc.
//
// In machine code, since nothing else is sure to be there, and since it lies in memory as long as the program runs.

import { channelDescriptor, gateDescriptor } from './gate-program.ts'
import { assembleProgram, type CallNumbers, type Step } from './machine-code.ts'
import type { ResourceLimit } from './rlimits.ts'
import type { Architecture } from './system-calls.ts'

/** The descriptor whose other end the host holds. */
export const lifelineDescriptor = 10
/** Where the news of dead children is read. */
const newsDescriptor = lifelineDescriptor + 1

/** How it ends when the lifeline is cut: as if it had been killed. */
const cutCode = 137

const numbers = {
  prlimit64: { x64: 302, arm64: 261 },
  prctl: { x64: 157, arm64: 167 },
  closeRange: { x64: 436, arm64: 436 },
  fcntl: { x64: 72, arm64: 25 },
  signalMask: { x64: 14, arm64: 135 },
  signalDescriptor: { x64: 289, arm64: 74 },
  clone: { x64: 56, arm64: 220 },
  poll: { x64: 271, arm64: 73 },
  read: { x64: 0, arm64: 63 },
  wait: { x64: 61, arm64: 260 },
  exit: { x64: 231, arm64: 94 },
} as const satisfies Record<string, CallNumbers>

const SIGCHLD = 17
const [SIG_BLOCK, SIG_UNBLOCK] = [0, 1]
const F_DUPFD_CLOEXEC = 1030
const [F_SETFD, FD_CLOEXEC] = [2, 1]
const SFD_CLOEXEC = 0o2000000
const PR_SET_DUMPABLE = 4
const WNOHANG = 1
const POLLIN = 1

const call = (number: CallNumbers, ...values: Extract<Step, { do: 'call' }>['with']): Step => ({
  do: 'call',
  number,
  with: values,
})
const at = (data: string) => ({ data })
const label = (name: string): Step => ({ do: 'label', name })

const structure = (bytes: number, write: (view: DataView) => void): Uint8Array => {
  const data = new Uint8Array(bytes)
  write(new DataView(data.buffer))
  return data
}

/**
 * The bytes of the executable. It is started with the gate and its arguments as its own, and leaves it the channel to the host
 * only where it is to have one.
 */
export const makeInitProgram = (
  architecture: Architecture,
  limits: readonly ResourceLimit[],
  { keepsChannel = false } = {},
): Uint8Array<ArrayBuffer> => {
  // What is written after the walls stand is read back by the host; a limit that did not take stops the start there.
  const bounding = limits.map(({ resource }, index) => call(numbers.prlimit64, 0, resource, at(`limit${index}`), 0))
  const bounds = limits.map(({ soft, hard }, index): [string, Uint8Array] => [
    `limit${index}`,
    structure(16, (view) => {
      view.setBigUint64(0, BigInt(soft), true)
      view.setBigUint64(8, BigInt(hard), true)
    }),
  ])
  const steps: Step[] = [
    ...bounding,
    // Nobody inside reads its memory, its environment or its descriptors.
    call(numbers.prctl, PR_SET_DUMPABLE, 0, 0, 0, 0),
    // Whatever bubblewrap may have left open, of the host's folders above all, goes before anything is started.
    call(numbers.closeRange, 3, (keepsChannel ? channelDescriptor : gateDescriptor) - 1, 0),
    call(numbers.closeRange, gateDescriptor + 1, lifelineDescriptor - 1, 0),
    call(numbers.closeRange, newsDescriptor, 0xffff_ffff, 0),
    call(numbers.fcntl, lifelineDescriptor, F_SETFD, FD_CLOEXEC),
    call(numbers.signalMask, SIG_BLOCK, at('mask'), 0, 8),
    call(numbers.clone, SIGCHLD, 0, 0, 0, 0),
    { do: 'go', to: 'child', when: 'zero' },
    { do: 'go', to: 'failed', when: 'not-positive' },
    { do: 'keep' },
    // The program's streams and the gate are the program's: here they would stay open when it has shut them.
    call(numbers.closeRange, 0, lifelineDescriptor - 1, 0),
    call(numbers.signalDescriptor, -1, at('mask'), 8, SFD_CLOEXEC),
    // It is 0 now; moved up, so that its number is known whatever else is open.
    call(numbers.fcntl, 0, F_DUPFD_CLOEXEC, newsDescriptor),
    label('wait'),
    call(numbers.poll, at('watched'), 2, 0, 0, 0),
    // It waits without end, so anything else means that it cannot see its lifeline any more.
    { do: 'go', to: 'cut', when: 'not-positive' },
    { do: 'load', data: 'watched', at: 4 },
    { do: 'go', to: 'cut', when: 'high' },
    call(numbers.read, newsDescriptor, at('news'), 128),
    label('fetch'),
    call(numbers.wait, -1, at('status'), WNOHANG, 0),
    { do: 'go', to: 'ended', when: 'kept' },
    { do: 'go', to: 'wait', when: 'not-positive' },
    { do: 'go', to: 'fetch' },
    label('ended'),
    { do: 'load', data: 'status', at: 0 },
    { do: 'end-alike' },
    label('child'),
    call(numbers.signalMask, SIG_UNBLOCK, at('mask'), 0, 8),
    { do: 'become' },
    label('failed'),
    call(numbers.exit, 127),
    label('cut'),
    call(numbers.exit, cutCode),
  ]
  const data = {
    ...Object.fromEntries(bounds),
    mask: structure(8, (view) => view.setBigUint64(0, 1n << BigInt(SIGCHLD - 1), true)),
    watched: structure(16, (view) => {
      view.setInt32(0, lifelineDescriptor, true)
      view.setInt16(4, POLLIN, true)
      view.setInt32(8, newsDescriptor, true)
      view.setInt16(12, POLLIN, true)
    }),
    status: new Uint8Array(4),
    news: new Uint8Array(128),
  }
  return assembleProgram(steps, data, architecture)
}
