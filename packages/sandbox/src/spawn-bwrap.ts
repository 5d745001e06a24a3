// Starts bubblewrap under its rlimits with the descriptors that it needs, and listens to what it says of itself. It
// decides nothing: options and filter come in as they are to be used.

import { type ChildProcess, spawn } from 'node:child_process'
import { closeSync, openSync } from 'node:fs'
import type { Socket } from 'node:net'
import { PassThrough, type Readable, type Writable } from 'node:stream'
import { BulkheadError } from '@bulkhead/kernel'
import { bwrapDescriptors, gatePath } from './bwrap-arguments.ts'
import { makeGateProgram } from './gate-program.ts'
import type { SandboxTools } from './host-system.ts'
import { inheritableDescriptors } from './host-process.ts'

/** What to start. */
export interface BwrapStart {
  readonly tools: SandboxTools
  /** Arguments of prlimit. */
  readonly rlimits: readonly string[]
  readonly options: readonly string[]
  readonly filter: Uint8Array
  readonly argv: readonly string[]
}

/** bubblewrap, running. It waits for `build`, and the program for `enter`. */
export interface BwrapProcess {
  readonly child: ChildProcess
  readonly stdin: Writable
  readonly stdout: Readable
  readonly stderr: Readable
  /** Process 1 of the sandbox, by its number on the host; `undefined` when bubblewrap ended before it had one. */
  readonly firstProcess: Promise<number | undefined>
  /** Lets bubblewrap go on; resolves to whether the walls stand and the gate waits. */
  build(): Promise<boolean>
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

/** Starts it. The descriptors of this process that a child would inherit are shut to it. */
export const spawnBwrap = ({ tools, rlimits, options, filter, argv }: BwrapStart): BwrapProcess => {
  const nothing = openSync('/dev/null', 'r+')
  let child: ChildProcess
  try {
    const stdio: ('pipe' | 'ignore' | number)[] = Array.from({ length: 9 }, () => 'pipe' as const)
    for (const descriptor of inheritableDescriptors()) {
      // Up to here the numbers are ours; a gap is skipped, and only a descriptor put in its place shuts an inherited one.
      while (stdio.length <= descriptor) stdio.push('ignore')
      if (descriptor > bwrapDescriptors.program) stdio[descriptor] = nothing
    }
    child = spawn(tools.prlimit, [...rlimits, '--', tools.bwrap, '--args', '3', '--', gatePath, ...argv], {
      stdio,
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
  pipe('program').end(makeGateProgram(tools.architecture))

  let status = ''
  const said = (key: string): number | undefined => {
    const value = new RegExp(`"${key}":\\s*(\\d+)`).exec(status)?.[1]
    return value === undefined ? undefined : Number(value)
  }
  const firstProcess = new Promise<number | undefined>((resolve) => {
    pipe('status').setEncoding('utf8')
    pipe('status').on('data', (text: string) => {
      status += text
      const pid = said('child-pid')
      if (pid !== undefined && status.includes('\n')) resolve(pid)
    })
    child.once('error', () => resolve(undefined))
    child.once('close', () => resolve(undefined))
    pipe('status').once('end', () => resolve(undefined))
  })
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
    firstProcess,
    build: () => {
      pipe('block').end('\n')
      return there
    },
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
