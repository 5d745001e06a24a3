// `poll_oneoff` of WASI preview 1: how guests sleep. Standard streams are always ready; a sleep suspends the guest and
// ends with the call.

import { errno, GuestMemory, u32, WasiErrno } from './memory.ts'
import type { WasmValue } from '../import-guard.ts'
import { clockNs } from './clock.ts'
import type { WasiParts } from './parts.ts'

const subscriptionBytes = 48
const eventBytes = 32
const mostSubscriptions = 1024

interface Subscription {
  readonly userdata: bigint
  /** 0 clock, 1 read, 2 write. */
  readonly type: number
  /** How long from now; 0 for streams. */
  readonly waitMs: number
}

const readSubscription = (memory: GuestMemory, at: number): Subscription => {
  const userdata = memory.getU64(at)
  const type = memory.range(at + 8, 1)[0] ?? 0
  if (type > 2) throw new WasiErrno(errno.inval)
  if (type !== 0) return { userdata, type, waitMs: 0 }
  const timeoutNs = memory.getU64(at + 24)
  const absolute = ((memory.range(at + 40, 1)[0] ?? 0) & 1) === 1
  const waitNs = absolute ? timeoutNs - clockNs(memory.getU32(at + 16)) : timeoutNs
  return { userdata, type, waitMs: Math.max(0, Number(waitNs) / 1_000_000) }
}

/** Runs the call. Answers an error number. */
export const pollOneoff = async (
  parts: Pick<WasiParts, 'memory' | 'state' | 'after'>,
  args: readonly WasmValue[],
): Promise<number> => {
  const { memory } = parts
  const [from, to, count, written] = args.map(u32)
  if (from === undefined || to === undefined || count === undefined || written === undefined) return errno.inval
  if (count === 0 || count > mostSubscriptions) return errno.inval
  try {
    const window = new GuestMemory(memory())
    window.range(from, count * subscriptionBytes)
    window.range(to, count * eventBytes)
    window.range(written, 4)
    const subscriptions = Array.from({ length: count }, (_, index) =>
      readSubscription(window, from + index * subscriptionBytes),
    )
    const waitMs = Math.min(...subscriptions.map((subscription) => subscription.waitMs))
    await sleep(waitMs, parts)
    const after = new GuestMemory(memory())
    const ready = subscriptions.filter((subscription) => subscription.waitMs <= waitMs)
    for (const [index, { userdata, type }] of ready.entries()) {
      const at = to + index * eventBytes
      after.range(at, eventBytes).fill(0)
      after.setU64(at, userdata)
      after.setU8(at + 10, type)
    }
    after.setU32(written, ready.length)
    return errno.success
  } catch (thrown) {
    if (thrown instanceof WasiErrno) return thrown.errno
    throw thrown
  }
}

/** Waits, but not past the end of the call. */
const sleep = (ms: number, { after, state }: Pick<WasiParts, 'after' | 'state'>): Promise<void> =>
  new Promise((resolve) => {
    const { signal } = state.call
    const done = (): void => {
      timer[Symbol.dispose]()
      signal.removeEventListener('abort', done)
      resolve()
    }
    const timer = after(Math.min(ms, 2 ** 31 - 1), done)
    if (signal.aborted) done()
    else signal.addEventListener('abort', done, { once: true })
  })
