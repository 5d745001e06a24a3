// A jailed process that runs the cell program, seen from the host. How a process is confined is somebody else's: a port starts
// one. What it sends is as untrusted as the plugins in it.

import { fileURLToPath } from 'node:url'
import type { Readable, Writable } from 'node:stream'
import { asBulkheadError, BulkheadError, escapeLine } from '@bulkhead/kernel/wire'
import { countOpen } from '../compartment-count.ts'
import type { Compartment } from '../compartment.ts'
import { moduleBeside, threadExecArgv } from '../thread.ts'
import { StreamChannel } from './stream-channel.ts'

/** A confined process that runs what {@link JailPort.start} was given. */
export interface JailProcess {
  readonly stdin: Writable
  readonly stdout: Readable
  readonly stderr: Readable
  /** Resolves when it is gone, with how: `memory` when it used more than it may. */
  readonly exited: Promise<{ readonly reason: string; readonly code: number | null; readonly signal: number | null }>
  /** Kills it and waits until it is gone. */
  end(): Promise<unknown>
  /** While held, it keeps the host's process alive. */
  hold(held: boolean): void
}

/** Starts confined processes. */
export interface JailPort {
  /** Bytes that the guests of a jail may take together, where nobody says that they need more. */
  readonly usualGuestBytes: number
  /**
   * Starts Node with these arguments in a confinement that shows it nothing but Node and our own packages. Its memory is bounded
   * by `guestBytes` and what Node takes besides.
   * @throws BulkheadError `sandbox.*`
   */
  start(nodeArguments: readonly string[], guestBytes: number): Promise<JailProcess>
}

/**
 * Old and young objects of a jail's heap, MiB, and threads of its engine beside its own. There may be many jails, and guests
 * have their memory elsewhere: bounded by the meter, and by the confinement.
 */
const heap = { oldMiB: 512, semiSpaceMiB: 1, engineThreads: 1 }
/** Most bytes of its standard error that make it into an error: it is where an engine says why it gave up. */
const longestComplaint = 2000
/** UTF-16 units of standard error after which a jail is ended: an engine that gives up writes a few thousand. */
const mostComplaints = 1024 * 1024

/** Starts a process for a jail; it need not be one's own yet. @throws BulkheadError `sandbox.*` */
export const startJailProcess = (port: JailPort, guestBytes = port.usualGuestBytes): Promise<JailProcess> =>
  port.start(
    [
      ...threadExecArgv(process.execArgv),
      '--no-warnings',
      `--max-old-space-size=${heap.oldMiB}`,
      `--max-semi-space-size=${heap.semiSpaceMiB}`,
      `--v8-pool-size=${heap.engineThreads}`,
      fileURLToPath(moduleBeside(import.meta.url, 'jail-entry')),
    ],
    guestBytes,
  )

/** Ends it; this process lives on until it is gone. */
export const endJailProcess = async (process: JailProcess): Promise<void> => {
  process.hold(true)
  await process.end()
}

/** The compartment over a process that is being started. */
export const openJail = (name: string, starting: Promise<JailProcess>): Compartment => new Jail(name, starting)

class Jail implements Compartment {
  readonly #name: string
  readonly #count = countOpen()
  readonly #started: Promise<JailProcess | undefined>
  readonly channel: Compartment['channel']
  #process: JailProcess | undefined
  #wire: StreamChannel | undefined
  #died: ((error: BulkheadError) => void) | undefined
  #receive: (message: unknown) => void = () => undefined
  /** What is to be sent while it starts. */
  #unsent: Parameters<StreamChannel['send']>[0][] = []
  #isHeld = false
  #isEnded = false
  #complaint = ''
  #complained = 0
  #signs = 0
  #isAsked = false

  constructor(name: string, starting: Promise<JailProcess>) {
    this.#name = name
    this.channel = {
      send: (message) => {
        if (this.#wire === undefined) this.#unsent.push(message)
        else this.#wire.send(message)
      },
      onMessage: (receive) => {
        this.#receive = receive
      },
      close: () => this.#wire?.close(),
    }
    this.#started = starting.then(
      (process) => this.#begin(process),
      (thrown: unknown) => {
        this.#die(asBulkheadError(thrown))
        return undefined
      },
    )
  }

  /** Changes with each sign of life; asking for it asks the jail for another one. */
  get pulse(): number {
    if (this.#wire !== undefined && !this.#isAsked) {
      this.#isAsked = true
      this.#wire.askForSignOfLife()
    }
    return this.#signs
  }

  onDeath(died: (error: BulkheadError) => void): void {
    this.#died = died
  }

  hold(held: boolean): void {
    this.#isHeld = held
    this.#process?.hold(held)
  }

  async terminate(): Promise<void> {
    this.#end()
    const process = await this.#started
    if (process !== undefined) await endJailProcess(process)
  }

  #begin(process: JailProcess): JailProcess {
    this.#process = process
    const { stdin, stdout, stderr, exited } = process
    stderr.setEncoding('utf8')
    stderr.on('data', (text: string) => {
      this.#complaint = (this.#complaint + text).slice(0, longestComplaint)
      this.#complained += text.length
      if (this.#complained > mostComplaints) this.#giveUp('wrote and wrote to its standard error')
    })
    if (this.#isEnded) return process
    process.hold(this.#isHeld)
    void exited.then(({ reason, code, signal }) => {
      const how = signal === null ? `with code ${code ?? 'none'}` : `by signal ${signal}`
      this.#die(
        new BulkheadError(
          'plugin.crashed',
          reason === 'memory'
            ? `the jail of ${this.#name} used more memory than it may, and was ended`
            : `the jail of ${this.#name} ended ${how}`,
          { details: { reason, ...(this.#complaint === '' ? {} : { said: escapeLine(this.#complaint) }) } },
        ),
      )
    })
    const wire = new StreamChannel(
      { incoming: stdout, outgoing: stdin },
      {
        signOfLife: () => {
          // One that nobody asked for is no message at all.
          if (!this.#isAsked) this.#receive(undefined)
          this.#isAsked = false
          this.#signs++
        },
        overfull: () => this.#giveUp('asked for more and more and took nothing of it'),
      },
    )
    this.#wire = wire
    wire.onMessage((message) => this.#receive(message))
    // A jail that says nothing any more is of no use, whether or not it lives.
    stdout.once('close', () => void process.end())
    for (const message of this.#unsent) wire.send(message)
    this.#unsent = []
    return process
  }

  /** Whoever hears of the death ends the process. */
  #giveUp(why: string): void {
    this.#die(new BulkheadError('plugin.crashed', `the jail of ${this.#name} ${why}, and was ended`))
  }

  #die(error: BulkheadError): void {
    if (this.#isEnded) return
    this.#end()
    this.#died?.(error)
  }

  #end(): void {
    if (this.#isEnded) return
    this.#isEnded = true
    this.#unsent = []
    this.#wire?.close()
    this.#count[Symbol.dispose]()
  }
}
