// The life of a cell's thread: takes messages, lets guests run, fires timers, tidies up, and sleeps in shared memory when
// there is nothing to do, where the next message finds it faster than an event loop would.

import type { Channel } from './channel.ts'
import type { FarEnd } from './channel-ring.ts'
import type { CodeCache } from './code-cache/index.ts'
import { Program } from './program.ts'
import { serveProgram } from './program-wire.ts'
import { makeRegisters, type Registers } from './registers.ts'
import { RingReader, RingWriter } from './ring.ts'
import { Scheduler } from './scheduler.ts'
import { TurnTimers } from './timers.ts'
import { wakeTicker } from './ticker-words.ts'
import type { GarbageCount } from './garbage-node.ts'

/** How long it looks at the ring before it sleeps, ms: the next call often comes at once, and waking takes as long. */
const spinMs = 0.1
/** How long it sleeps while the event loop has work of its own (modules are being loaded), ms. */
const loadingNapMs = 1
/** Longest sleep, ms. */
const longestNapMs = 60_000

/** What a thread is started with. */
export interface ThreadStart {
  readonly ends: FarEnd
  /** Words of the ticker; see ticker-words.ts. */
  readonly ticker: Int32Array
  readonly garbage: GarbageCount
  readonly cache: CodeCache | undefined
}

/** Runs the cell program for the rest of the thread's life. Answers the registers, whose words the ticker needs. */
export const runThread = ({ ends, ticker, garbage, cache }: ThreadStart): Registers => {
  const reader = new RingReader(ends.incoming)
  const writer = new RingWriter(ends.outgoing)
  const registers = makeRegisters()
  const timers = new TurnTimers()
  let turns: (() => void)[] = []
  const scheduler = new Scheduler(registers, (run) => turns.push(run))
  scheduler.waker = () => wakeTicker(ticker)

  let receive: (message: unknown) => void = () => undefined
  const channel: Channel = {
    send: (message) => writer.send(message),
    onMessage: (to) => {
      receive = to
    },
    close: () => undefined,
  }
  const program = new Program({ registers, scheduler, timers, noteDiscarded: garbage.note, cache })
  serveProgram(channel, program)

  const rest = (): void => {
    if (reader.spin(spinMs)) return
    const nextMs = timers.untilNextMs
    if (nextMs <= 0) return
    const napMs = program.isLoading || writer.isFull ? loadingNapMs : longestNapMs
    reader.park(Math.min(nextMs, napMs))
  }

  const turn = (): void => {
    writer.flush()
    garbage.collectIfDue()
    const due = turns
    turns = []
    const begun = reader.drain(receive) + timers.fire() + due.length
    for (const run of due) run()
    // What this turn set going runs before the next one; a thread that did nothing now has nothing to do.
    if (begun === 0 && scheduler.isIdle && !program.tidy()) {
      rest()
      reader.drain(receive)
    }
    setImmediate(turn)
  }
  setImmediate(turn)
  return registers
}
