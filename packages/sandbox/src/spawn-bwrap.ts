// Starts bubblewrap with the descriptors that it needs, and listens to what it says of itself. It decides nothing: options,
// filter and limits come in as they are to be used.

import { type ChildProcess, spawn, type StdioOptions } from 'node:child_process'
import { closeSync, openSync } from 'node:fs'
import { Server, type Socket } from 'node:net'
import { PassThrough, type Readable, type Writable } from 'node:stream'
import { BulkheadError } from '@bulkhead/kernel'
import { bwrapDescriptors, firstFreeDescriptor, gatePath, initPath } from './bwrap-arguments.ts'
import type { ConfinedFile } from './confinement.ts'
import { channelDescriptor, makeGateProgram } from './gate-program.ts'
import type { SandboxTools } from './host-system.ts'
import { inheritableDescriptors } from './host-process.ts'
import { makeInitProgram } from './init-program.ts'
import { isOpenFilesLimit, type ResourceLimit } from './rlimits.ts'

/** A socket inside that this process holds. */
export interface InnerListener {
  /** TCP port on 127.0.0.1 of the sandbox. */
  readonly port: number
  /** Given the server before the program begins. Whoever takes it closes it. */
  onListening(server: Server): void
}

/** What to start. */
export interface BwrapStart {
  readonly tools: SandboxTools
  readonly rlimits: readonly ResourceLimit[]
  readonly options: readonly string[]
  /** Descriptors of this process, which bubblewrap gets from `firstFreeDescriptor` on. */
  readonly places: readonly number[]
  readonly files: readonly ConfinedFile[]
  readonly filter: Uint8Array
  readonly argv: readonly string[]
  readonly listener?: InnerListener | undefined
}

/**
 * bubblewrap, running; the program waits for `enter`. It is asked to tell nothing on the way: written to a host that has just
 * died, its word would end it, and the process that it has just made would wait for it for ever.
 */
export interface BwrapProcess {
  readonly child: ChildProcess
  readonly stdin: Writable
  readonly stdout: Readable
  readonly stderr: Readable
  /** Resolves to whether the walls stand and the gate waits. */
  readonly built: Promise<boolean>
  /** Ends the whole tree, also when bubblewrap is gone: process 1 lives as long as this process holds its lifeline. */
  cut(): void
  /** Shuts every descriptor that it waits for, so that it and what it made come to their ends. */
  abandon(): void
  /** Lets the gate become the program; resolves to an errno when that failed, to 0 when it runs. */
  enter(): Promise<number>
  /** Whether it keeps this process alive. */
  hold(held: boolean): void
}

const ignore = (): void => undefined

/**
 * The output for whoever reads it later: Node throws away, when a child has ended, what nobody had begun to read. What
 * waits stays small, since a full pipe stops the program.
 */
const kept = (output: Readable): Readable => output.pipe(new PassThrough())

/** Waits for the gate's one message; false when it ends without one. */
const takeListener = (child: ChildProcess, listener: InnerListener): Promise<boolean> =>
  new Promise((resolve) => {
    child.once('message', (_message, handle) => {
      if (handle instanceof Server) listener.onListening(handle)
      resolve(handle instanceof Server)
      if (child.connected) child.disconnect()
    })
    child.once('disconnect', () => resolve(false))
    child.once('error', () => resolve(false))
  })

/** What each descriptor of bubblewrap is, by its number. */
const descriptorsFor = ({ places, files, listener }: BwrapStart, nothing: number): StdioOptions => {
  const used: readonly number[] = [0, 1, 2, ...Object.values(bwrapDescriptors)]
  const stdio = Array.from({ length: firstFreeDescriptor }, (_, descriptor): 'pipe' | 'ignore' | 'ipc' | number =>
    used.includes(descriptor) ? 'pipe' : 'ignore',
  )
  // Node takes a descriptor from a child over a channel of this kind alone. The gate closes its end before the program.
  stdio[bwrapDescriptors.listener] = listener === undefined ? 'ignore' : 'ipc'
  stdio.push(...places, ...files.map(() => 'pipe' as const))
  const ours = stdio.length
  for (const descriptor of inheritableDescriptors()) {
    // Up to here the numbers are ours; a gap is skipped, and only a descriptor put in its place shuts an inherited one.
    while (stdio.length <= descriptor) stdio.push('ignore')
    if (descriptor >= ours) stdio[descriptor] = nothing
  }
  return stdio
}

/** Starts it. The descriptors of this process that a child would inherit are shut to it. */
export const spawnBwrap = (start: BwrapStart): BwrapProcess => {
  const { tools, rlimits, options, filter, argv, places, files, listener } = start
  const nothing = openSync('/dev/null', 'r+')
  let child: ChildProcess
  try {
    child = spawn(tools.bwrap, ['--args', '3', '--', initPath, gatePath, ...argv], {
      stdio: descriptorsFor(start, nothing),
      // Process 1 of the sandbox has this environment, and the program can read it.
      env: {},
      cwd: '/',
      // A signal that a terminal sends to the host's group is for the host to act on.
      detached: true,
    })
  } finally {
    closeSync(nothing)
  }
  child.on('error', ignore)
  if ((child.stdio as unknown) === undefined) {
    throw new BulkheadError('sandbox.failed', 'No program could be started: this process has too many open files.', {
      hint: 'Raise the limit on open files (ulimit -n), or run fewer plugins at once.',
    })
  }
  const pipes = child.stdio as unknown as (Writable & Readable)[]
  // Every end may break when the sandbox ends; that it ended is told by its exit.
  for (const pipe of pipes) pipe?.on('error', ignore)
  const pipe = (name: keyof typeof bwrapDescriptors): Writable & Readable =>
    pipes[bwrapDescriptors[name]] as Writable & Readable

  pipe('options').end(options.map((option) => `${option}\0`).join(''))
  pipe('filter').end(filter)
  // With a listener the gate sets this one, when it has handed that over.
  const openFiles = listener === undefined ? undefined : rlimits.find(isOpenFilesLimit)?.hard
  const place =
    listener === undefined || openFiles === undefined
      ? undefined
      : { port: listener.port, channel: channelDescriptor, openFiles }
  const ofInit = place === undefined ? rlimits : rlimits.filter((limit) => !isOpenFilesLimit(limit))
  pipe('program').end(makeGateProgram(tools.architecture, place))
  pipe('init').end(makeInitProgram(tools.architecture, ofInit, { keepsChannel: place !== undefined }))
  for (const [index, { bytes }] of files.entries()) pipes[firstFreeDescriptor + places.length + index]?.end(bytes)
  const listens = listener === undefined ? Promise.resolve(true) : takeListener(child, listener)

  // It is held for the program's sake alone: it never keeps this process alive.
  ;(pipe('lifeline') as unknown as Socket).unref()
  const gate = pipe('gate')
  /** The gate's words: a byte when it is there, eight bytes when it failed; it falls silent when it became the program. */
  const heard: Buffer[] = []
  const silent = new Promise<void>((resolve) => gate.once('close', resolve))
  const there = new Promise<boolean>((resolve) => {
    gate.on('data', (bytes: Buffer) => {
      heard.push(bytes)
      resolve(true)
    })
    gate.once('close', () => resolve(false))
  })
  return {
    child,
    stdin: pipes[0] as Writable,
    stdout: kept(pipes[1] as Readable),
    stderr: kept(pipes[2] as Readable),
    built: there.then((isThere) => isThere && listens),
    abandon: () => {
      for (const end of pipes) end?.destroy()
      if (child.connected) child.disconnect()
    },
    cut: () => pipe('lifeline').destroy(),
    enter: async () => {
      gate.end('\n')
      await silent
      const answer = Buffer.concat(heard).subarray(1)
      return answer.length < 8 ? 0 : -Number(answer.readBigInt64LE())
    },
    hold: (held) => {
      for (const handle of [child, ...pipes.slice(0, 3)] as (ChildProcess | Socket)[]) {
        // One that is closed would wait to be opened.
        if ('destroyed' in handle && handle.destroyed) continue
        if (held) handle.ref()
        else handle.unref()
      }
    },
  }
}
