// Starts a program in a confinement and answers a handle on the whole tree of processes that comes of it.

import { execFile } from 'node:child_process'
import { lstatSync, readFileSync, realpathSync } from 'node:fs'
import { availableParallelism, constants } from 'node:os'
import type { Readable, Writable } from 'node:stream'
import { setTimeout as sleep } from 'node:timers/promises'
import { promisify } from 'node:util'
import { asBulkheadError, BulkheadError } from '@bulkhead/kernel'
import { type AppliedLimits, describeLimits } from './applied.ts'
import { makeBwrapOptions } from './bwrap-arguments.ts'
import { type Cgroup, openCgroup, type ResourceUsage } from './cgroup.ts'
import { findCgroupPlaces } from './cgroup-places.ts'
import { checkConfinement, type Confinement } from './confinement.ts'
import { watchCpu } from './cpu-watch.ts'
import { isChildOf, signalDescendants, waitUntilFiltered, waitUntilGone } from './host-process.ts'
import { findSandboxTools, readSystemLayout, type SandboxTools } from './host-system.ts'
import { parseProcessLimits, processLimitArguments, rlimitArguments } from './rlimits.ts'
import { failureOf } from './start-failure.ts'
import { makeSystemCallFilter } from './seccomp.ts'
import { type BwrapProcess, spawnBwrap } from './spawn-bwrap.ts'

/** How a confined program came to its end. */
export interface ConfinedExit {
  /**
   * `exited`: by itself, or by a signal that it brought on itself. `ended`: by {@link Confined.end}. `memory`, `cpu`: it was
   * over that limit. `not-started`: the program could not be run; stderr says why.
   */
  readonly reason: 'exited' | 'ended' | 'memory' | 'cpu'
  /** The exit code as a shell has it, 128 and the number for a signal; `null` when the sandbox itself was killed. */
  readonly code: number | null
  /**
   * The number of the signal that the code stands for. A program that exits with such a code by itself looks the same.
   */
  readonly signal: number | null
}

/** A running program. */
export interface Confined extends AsyncDisposable {
  /** Process 1 of the sandbox, by its number on the host. */
  readonly pid: number
  readonly stdin: Writable
  readonly stdout: Readable
  readonly stderr: Readable
  /** Which limits hold, and for what. */
  readonly applied: AppliedLimits
  /** Resolves when no process of the tree is left. Never rejects. */
  readonly exited: Promise<ConfinedExit>
  usage(): ResourceUsage
  /** While held, and at first, it keeps this process alive. */
  hold(held: boolean): void
  /** Asks every process of the tree to end, by SIGTERM, and waits for nothing: one that does not want to end stays. */
  terminate(): void
  /** Kills the whole tree and waits until it is gone. */
  end(): Promise<ConfinedExit>
}

/** Options of {@link startConfined}. */
export interface StartOptions {
  /** Whether control groups are used where there are some; true when absent. */
  readonly groups?: boolean
}

const cpuSignal = 24
/** How long process 1 may take to tie its life to its parent's, once the walls stand: it is next to nothing. */
const tiedWithinMs = 2_000
const run = promisify(execFile)

const checkReal = ({ readable, writable, sockets }: Confinement): void => {
  const refuse = (path: string, what: string): never => {
    throw new BulkheadError('sandbox.invalid', `${JSON.stringify(path)} ${what}, so it cannot be shown to a program.`)
  }
  for (const path of [...readable, ...writable, ...sockets]) {
    const stat = lstatSync(path, { throwIfNoEntry: false })
    if (stat === undefined) return refuse(path, 'does not exist')
    // A link on the way would let whoever can write there choose what is shown.
    if (realpathSync(path) !== path) refuse(path, 'leads through a symbolic link')
    if (sockets.includes(path) !== stat.isSocket()) {
      refuse(path, stat.isSocket() ? 'is a socket and is not named as one' : 'is no socket')
    }
  }
}

const openGroups = (confinement: Confinement): Cgroup | undefined =>
  openCgroup(
    findCgroupPlaces(readFileSync('/proc/self/mountinfo', 'utf8'), readFileSync('/proc/self/cgroup', 'utf8')),
    confinement.limits,
  )

/** The program as it stands when it is about to begin. */
interface Begun {
  readonly pid: number
  readonly applied: AppliedLimits
}

/** Builds the sandbox around the waiting program, puts it under its limits, and lets it begin. */
const begin = async (
  bwrap: BwrapProcess,
  tools: SandboxTools,
  { confinement, cgroup }: { readonly confinement: Confinement; readonly cgroup: Cgroup | undefined },
): Promise<Begun> => {
  const { limits, argv } = confinement
  const pid = await bwrap.firstProcess
  if (pid === undefined) throw await failureOf(bwrap, argv)
  cgroup?.add(pid)
  if (cgroup?.processes === undefined) {
    await run(tools.prlimit, processLimitArguments(pid, limits.processes), { env: {} })
  }
  const inForce = parseProcessLimits(readFileSync(`/proc/${pid}/limits`, 'utf8'))
  // The gate ends by itself when this process dies before it lets it go on; after that the kernel ends the tree.
  if (!(await bwrap.build()) || !(await waitUntilFiltered(pid, tiedWithinMs))) throw await failureOf(bwrap, argv)
  const errno = await bwrap.enter()
  if (errno !== 0) {
    const [name] = Object.entries(constants.errno).find(([, number]) => number === errno) ?? [`errno ${errno}`]
    throw new BulkheadError('sandbox.failed', `${JSON.stringify(argv[0])} cannot be run in its sandbox: ${name}.`, {
      hint: 'See that the program is executable, and that it, its interpreter and its libraries are readable inside.',
      details: { errno },
    })
  }
  const superuser = process.getuid?.() === 0
  return { pid, applied: describeLimits(cgroup, inForce, { superuser, cpuSeconds: limits.cpuSeconds }) }
}

const start = async (confinement: Confinement, options: StartOptions): Promise<Confined> => {
  checkConfinement(confinement)
  const tools = findSandboxTools()
  checkReal(confinement)
  const layout = readSystemLayout()
  const filter = makeSystemCallFilter({ architecture: tools.architecture, internet: confinement.network !== 'none' })
  const cgroup = options.groups === false ? undefined : openGroups(confinement)
  const removeGroups = async (): Promise<void> => {
    // A process that has just ended is in its group for a moment still.
    for (let attempts = 0; cgroup?.remove() === false && attempts < 50; attempts++) await sleep(10)
  }
  let bwrap: BwrapProcess
  try {
    bwrap = spawnBwrap({
      tools,
      rlimits: rlimitArguments(confinement.limits, cgroup?.memoryBytes === undefined),
      options: makeBwrapOptions(confinement, layout),
      filter,
      argv: confinement.argv,
    })
  } catch (cause) {
    await removeGroups()
    throw cause
  }
  const closed = new Promise<number | null>((resolve) => {
    bwrap.child.once('error', () => resolve(null))
    bwrap.child.once('exit', resolve)
  })
  const { pid, applied } = await begin(bwrap, tools, { confinement, cgroup }).catch(async (cause: unknown) => {
    bwrap.child.kill('SIGKILL')
    await closed
    await removeGroups()
    throw cause
  })

  let reason: 'ended' | 'cpu' | undefined
  const killTree = (why: 'ended' | 'cpu'): void => {
    reason ??= why
    const monitor = bwrap.child
    // Process 1 takes its whole namespace with it, and its parent ends when it is gone. The number is its own as long as
    // that parent has not fetched it.
    if (monitor.pid !== undefined && monitor.exitCode === null && isChildOf(pid, monitor.pid))
      process.kill(pid, 'SIGKILL')
    else monitor.kill('SIGKILL')
  }
  const watch = cgroup?.countsCpu
    ? watchCpu(() => cgroup.usage().cpuSeconds, confinement.limits.cpuSeconds, {
        cores: availableParallelism(),
        over: () => killTree('cpu'),
      })
    : undefined

  const exited = closed.then(async (code): Promise<ConfinedExit> => {
    watch?.stop()
    await waitUntilGone(pid, 5_000)
    const signal = code !== null && code > 128 && code <= 192 ? code - 128 : null
    const outOfMemory = (cgroup?.outOfMemory() ?? 0) > 0
    await removeGroups()
    if (reason !== undefined) return { reason, code, signal }
    if (signal === 9 && outOfMemory) return { reason: 'memory', code, signal }
    if (signal === cpuSignal) return { reason: 'cpu', code, signal }
    return { reason: 'exited', code, signal }
  })
  const end = (): Promise<ConfinedExit> => {
    killTree('ended')
    return exited
  }
  return {
    pid,
    stdin: bwrap.stdin,
    stdout: bwrap.stdout,
    stderr: bwrap.stderr,
    applied,
    exited,
    usage: () => cgroup?.usage() ?? {},
    hold: bwrap.hold,
    terminate: () => {
      const monitor = bwrap.child
      if (monitor.pid !== undefined && monitor.exitCode === null && isChildOf(pid, monitor.pid))
        signalDescendants(pid, 'SIGTERM')
    },
    end,
    [Symbol.asyncDispose]: async () => {
      await end()
    },
  }
}

/**
 * Starts the program. It sees what the confinement names and nothing else, and it dies with this process.
 *
 * The kernel ties its life to the thread that starts it: call this on a thread that lives as long as the program may.
 * @throws {BulkheadError} `sandbox.missing`, `sandbox.invalid`, `sandbox.failed`
 */
export const startConfined = async (confinement: Confinement, options: StartOptions = {}): Promise<Confined> => {
  try {
    return await start(confinement, options)
  } catch (thrown) {
    throw asBulkheadError(thrown, 'sandbox.failed')
  }
}
