// The cell program: loads drivers and artifacts, keeps instances, runs calls. It runs in a thread, in the host's own
// thread or in a jailed process, and knows only its channel. It never decides what a guest may do: host calls go out.

import type { HostReply, Limits } from '@bulkhead/kernel'
import { asBulkheadError, BulkheadError, type Json, type JsonObject } from '@bulkhead/kernel/wire'
import { artifactFromContent } from './artifact.ts'
import type { Channel } from './channel.ts'
import type { CellArtifact, Driver, Guest, GuestCall } from './driver.ts'
import { makeEngine } from './engine.ts'
import type { NoteDiscarded } from './garbage-node.ts'
import { IdleInstances } from './idle-instances.ts'
import { InstancePool } from './instance-pool.ts'
import { LazyAbort } from './lazy-abort.ts'
import { boundLog, type Log } from './log-budget.ts'
import type { CodeCache } from './code-cache/index.ts'
import { ModuleStore } from './module-store.ts'
import { type Answer, type GivenAnswer, type GivenError, type IncomingCall, type OutgoingCall, Peer } from './peer.ts'
import { epochWords, type Registers } from './registers.ts'
import type { Scheduler } from './scheduler.ts'
import { CellTask } from './task.ts'
import type { Timers } from './timers.ts'

/** What the program runs on. */
export interface ProgramParts {
  readonly registers: Registers
  readonly scheduler: Scheduler
  readonly timers: Timers
  /** Hears of the memory of instances that are dropped. */
  readonly noteDiscarded: NoteDiscarded
  /** Where rewritten modules are kept beyond the thread. */
  readonly cache?: CodeCache | undefined
}

/** The running program, as the thread around it sees it. */
export interface Program {
  /** Whether something is being loaded, which takes an event loop. */
  readonly isLoading: boolean
  /** Does one piece of work that nobody waits for; answers whether there was any. */
  tidy(): boolean
  /** Ends every task, as far as one can from the same thread. */
  abandon(): void
}

interface LoadedGuest {
  readonly guest: Guest
  readonly pool: InstancePool
  readonly limits: Limits
}

/** Bounds of a task that loads: the time is the host's to watch. */
const loadBounds = (limits: Limits) => ({
  cpuMs: Math.max(limits.cpuMs, 10_000),
  wallMs: Number.POSITIVE_INFINITY,
  memoryBytes: limits.memoryBytes,
})

/** Runs the program on one end of a channel. */
export const runProgram = (channel: Channel, parts: ProgramParts): Program => {
  const { registers, scheduler, timers, noteDiscarded, cache } = parts
  const modules = new ModuleStore(cache)
  const guests = new Map<number, LoadedGuest>()
  const idle = new IdleInstances({ timers, noteDiscarded })
  const tasks = new Set<CellTask>()
  let loading = 0

  const load = async (call: IncomingCall): Promise<Answer> => {
    loading++
    try {
      const artifact = artifactFromContent(call.content)
      const { driver } = (await import(String(call.head.driver))) as { driver: Driver }
      const features = call.head.features as { gc?: boolean; threads?: boolean; memory64?: boolean } | undefined
      const engine = makeEngine(
        { registers, scheduler, timers, modules },
        { limits: artifact.limits, ...(features === undefined ? {} : { features }) },
      )
      const log = boundLog((level, message) => peer.log(call.id, level, message))
      const task = new CellTask(call.id, loadBounds(artifact.limits), performance.now())
      endWith(task, call)
      const guest = await driver.load(artifact, engine, { task, log })
      if (call.isCancelled) {
        guest[Symbol.dispose]()
        throw cancelledError()
      }
      guests.set(Number(call.head.guest), { guest, limits: artifact.limits, pool: makePool(guest, artifact) })
      return valueAnswer(guest.actions as unknown as Json)
    } finally {
      loading--
    }
  }

  const makePool = (guest: Guest, { isolation, limits }: CellArtifact): InstancePool =>
    new InstancePool(guest, { isolation, limits, idle, noteDiscarded })

  /** What cancels a call ends its task, and says so to guest code that cannot be paused. */
  const endWith = (task: CellTask, call: IncomingCall, abort?: LazyAbort): void =>
    call.onCancel(() => {
      task.end(cancelledError())
      if (scheduler.current === task) {
        Atomics.store(registers.words, epochWords.cancelled, task.id)
        Atomics.store(registers.words, epochWords.flag, 1)
      }
      abort?.abort(cancelledError())
    })

  const run = async (call: IncomingCall): Promise<GivenAnswer | GivenError> => {
    const { head, id } = call
    const loaded = guests.get(Number(head.guest))
    if (loaded === undefined) throw new BulkheadError('host.internal', 'a call came for a guest that is not loaded')
    const abort = new LazyAbort()
    const task = new CellTask(
      id,
      {
        cpuMs: numberOr(head.cpuMs, loaded.limits.cpuMs),
        wallMs: numberOr(head.wallMs, Number.POSITIVE_INFINITY),
        fuel: loaded.limits.fuel === undefined ? undefined : numberOr(head.fuel, loaded.limits.fuel),
        memoryBytes: loaded.limits.memoryBytes,
      },
      performance.now(),
    )
    tasks.add(task)
    let over = false
    const alive = (): boolean => !over && !call.isCancelled
    endWith(task, call, abort)
    let log: Log | undefined
    const guestCall: GuestCall = {
      callId: String(head.callId),
      action: String(head.action),
      contextKey: String(head.contextKey),
      input: call.content,
      output: head.output === 'raw' ? 'raw' : 'value',
      task,
      get signal() {
        return abort.signal
      },
      log: (level, message) => {
        log ??= boundLog((severity, line) => {
          if (alive()) peer.log(id, severity, line)
        })
        log(level, message)
      },
      dispatch: async (name, payload): Promise<HostReply> => {
        if (!alive()) return { ok: false, error: cancelledError().toJSON() }
        return hostReply(peer.call({ op: 'host', run: id, name }, { kind: 'value', payload }), abort)
      },
    }
    try {
      const { result, memoryBytes } = await loaded.pool.run(guestCall)
      return { head: { memoryBytes, ...task.usage }, content: result.output, owned: true }
    } catch (thrown) {
      return { head: { ...task.usage }, error: task.ended ?? asBulkheadError(thrown) }
    } finally {
      over = true
      tasks.delete(task)
    }
  }

  const unload = (call: IncomingCall): Answer => {
    const id = Number(call.head.guest)
    const loaded = guests.get(id)
    guests.delete(id)
    loaded?.pool[Symbol.dispose]()
    loaded?.guest[Symbol.dispose]()
    return valueAnswer(null)
  }

  const peer = new Peer(channel, {
    maxContentBytes: Number.POSITIVE_INFINITY,
    log: () => undefined,
    malformed: (error) => {
      throw error
    },
    call: async (call) => {
      switch (call.head.op) {
        case 'run':
          return run(call)
        case 'load':
          return load(call)
        case 'unload':
          return unload(call)
        default:
          throw new BulkheadError('host.internal', 'the cell does not know that operation')
      }
    },
  })

  return {
    get isLoading() {
      return loading > 0
    },
    tidy: () => idle.tidy(),
    abandon: () => {
      for (const task of tasks) task.end(new BulkheadError('call.cancelled', 'the compartment is closed'))
      for (const { pool } of guests.values()) pool[Symbol.dispose]()
      guests.clear()
      idle[Symbol.dispose]()
    },
  }
}

const numberOr = (value: Json | undefined, other: number): number => (typeof value === 'number' ? value : other)

/** The reply to a host call; when the call is over first, the reply says so and the real one is dropped. */
const hostReply = (hostCall: OutgoingCall, abort: LazyAbort): Promise<HostReply> =>
  new Promise((resolve) => {
    const stop = abort.listen(() => {
      hostCall.forget()
      resolve({ ok: false, error: cancelledError().toJSON() })
    })
    hostCall.answer.then(
      ({ content }) => {
        stop()
        resolve(
          content.kind === 'value'
            ? { ok: true, payload: content.payload }
            : { ok: false, error: new BulkheadError('host.internal', 'a host call was answered with raw bytes').toJSON() },
        )
      },
      (thrown: unknown) => {
        stop()
        resolve({ ok: false, error: asBulkheadError(thrown).toJSON() })
      },
    )
  })

const cancelledError = (): BulkheadError => new BulkheadError('call.cancelled', 'the call was cancelled')

const valueAnswer = (value: Json, head: JsonObject = {}): Answer => ({
  head,
  content: { kind: 'value', payload: { json: JSON.stringify(value) } },
})
