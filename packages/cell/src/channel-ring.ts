// The host's end of a thread's wire: two rings in shared memory. After a message it looks for answers at each turn of the
// event loop for a moment, for a core that sleeps takes long to wake; then it waits without costing anything.

import { MessageChannel, type MessagePort } from 'node:worker_threads'
import type { Channel } from './channel.ts'
import { makeRingMemory, type RingPath, RingReader, RingWriter } from './ring.ts'

/** How long it looks for answers after the last message, ms. */
const pollMs = 0.2

/** Looks at the ring in one turn, some microseconds: a turn of the event loop takes about as long by itself. */
const looksInTurn = 500

/** How long it sleeps while there is no room for what it has to send, ms. */
const fullNapMs = 1

/** What the thread gets of it. */
export interface FarEnd {
  /** Host to cell. */
  readonly incoming: RingPath
  /** Cell to host. */
  readonly outgoing: RingPath
}

/** Both ends of a thread's wire. */
export interface RingPair {
  readonly near: Channel & { readonly pulse: number }
  readonly far: FarEnd
  readonly transferList: MessagePort[]
}

/** Makes them. */
export const makeRingPair = (): RingPair => {
  const there = new MessageChannel()
  const back = new MessageChannel()
  const toCell = makeRingMemory()
  const toHost = makeRingMemory()
  return {
    near: new RingChannel({ memory: toCell, port: there.port1 }, { memory: toHost, port: back.port1 }),
    far: { incoming: { memory: toCell, port: there.port2 }, outgoing: { memory: toHost, port: back.port2 } },
    transferList: [there.port2, back.port2],
  }
}

class RingChannel implements Channel {
  readonly #writer: RingWriter
  readonly #reader: RingReader
  readonly #ports: readonly MessagePort[]
  #receive: (message: unknown) => void = () => undefined
  #closed = false
  #polling = false
  #armed = false
  #pollUntilMs = 0

  constructor(out: RingPath, back: RingPath) {
    this.#writer = new RingWriter(out)
    this.#reader = new RingReader(back)
    this.#ports = [out.port, back.port]
    for (const port of this.#ports) port.unref()
  }

  send(message: Parameters<Channel['send']>[0]): void {
    if (this.#closed) return
    this.#writer.send(message)
    this.#poll()
  }

  /** Changes with each turn of the thread. */
  get pulse(): number {
    return this.#reader.pulse
  }

  onMessage(receive: (message: unknown) => void): void {
    this.#receive = receive
    this.#poll()
  }

  close(): void {
    if (this.#closed) return
    this.#closed = true
    this.#reader.wake()
    for (const port of this.#ports) port.close()
  }

  #poll(): void {
    this.#pollUntilMs = performance.now() + pollMs
    if (this.#polling) return
    this.#polling = true
    setImmediate(this.#look)
  }

  readonly #look = (): void => {
    if (this.#closed) return
    this.#writer.flush()
    this.#reader.look(looksInTurn)
    const taken = this.#reader.drain((message) => {
      // A message may have been the end of it.
      if (!this.#closed) this.#receive(message)
    })
    const nowMs = performance.now()
    if (taken > 0) this.#pollUntilMs = nowMs + pollMs
    if (nowMs < this.#pollUntilMs) {
      setImmediate(this.#look)
      return
    }
    if (this.#writer.isFull) {
      // The thread is at something long (it compiles a module): looking all the time would take a core of its own.
      setTimeout(this.#look, fullNapMs)
      return
    }
    this.#polling = false
    this.#arm()
  }

  #arm(): void {
    if (this.#armed) return
    this.#armed = true
    void this.#reader.parkAsync().then(() => {
      this.#armed = false
      this.#poll()
    })
  }
}
