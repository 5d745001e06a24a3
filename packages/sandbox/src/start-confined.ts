// Starts a program in a confinement and answers a handle on the whole tree of processes that comes of it.

import { execFile } from 'node:child_process'
import { lstatSync, readFileSync, realpathSync } from 'node:fs'
import { availableParallelism } from 'node:os'
import type { Readable, Writable } from 'node:stream'
import { promisify } from 'node:util'
import { BulkheadError } from '@bulkhead/kernel'
import { type AppliedLimits, describeLimits } from './applied.ts'
import { makeBwrapOptions } from './bwrap-arguments.ts'
import { type Cgroup, openCgroup, type ResourceUsage } from './cgroup.ts'
import { findCgroupPlaces } from './cgroup-places.ts'
import { checkConfinement, type Confinement } from './confinement.ts'
import { watchCpu } from './cpu-watch.ts'
import { isChildOf, waitUntilFiltered, waitUntilGone } from './host-process.ts'
import { findSandboxTools, readSystemLayout, type SandboxTools } from './host-system.ts'
import { parseProcessLimits, processLimitArguments, rlimitArguments } from './rlimits.ts'
import { makeSystemCallFilter } from './seccomp.ts'
import { type BwrapProcess, spawnBwrap } from './spawn-bwrap.ts'

/** How a confined program came to its end. */
export interface ConfinedExit {
  /**
   * `exited`: by itself, or by a signal that it brought on itself. `ended`: by {@link Confined.end}. `memory`, `cpu`: it was
   * over that limit. `not-started`: the program could not be run; stderr says why.
   */
  readonly reason: 'exited' | 'ended' | 'memory' | 'cpu' | 'not-started'
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
  /** Kills the whole tree and waits until it is gone. */
  end(): Promise<ConfinedExit>
}

/** Options of {@link startConfined}. */
export interface StartOptions {
  /** Whether control groups are used where there are some; true when absent. */
  readonly groups?: boolean
}

const cpuSignal = 24
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

/** Waits for process 1 and puts it under its limits while the program still waits. */
const bound = async (
  bwrap: BwrapProcess,
  tools: SandboxTools,
  confinement: Confinement,
  cgroup: Cgroup | undefined,
) => {
  const pid = await bwrap.firstProcess
  if (pid === undefined) {
    const said = String(bwrap.stderr.read() ?? '').trim()
    throw new Error(said === '' ? 'bubblewrap ended without a word' : said)
  }
  cgroup?.add(pid)
  if (cgroup?.processes === undefined) {
    await run(tools.prlimit, processLimitArguments(pid, confinement.limits.processes), { env: {} })
  }
  const limits = parseProcessLimits(readFileSync(`/proc/${pid}/limits`, 'utf8'))
  const superuser = process.getuid?.() === 0
  return { pid, applied: describeLimits(cgroup, limits, { superuser, cpuSeconds: confinement.limits.cpuSeconds }) }
}

/**
 * Starts the program. It sees what the confinement names and nothing else, and it dies with this process.
 *
 * The kernel ties its life to the thread that starts it: call this on a thread that lives as long as the program may.
 * @throws {BulkheadError} `sandbox.missing`, `sandbox.invalid`, `sandbox.failed`
 */
export const startConfined = async (confinement: Confinement, options: StartOptions = {}): Promise<Confined> => {
  checkConfinement(confinement)
  const tools = findSandboxTools()
  checkReal(confinement)
  const cgroup = options.groups === false ? undefined : openGroups(confinement)
  const bwrap = spawnBwrap({
    tools,
    rlimits: rlimitArguments(confinement.limits, cgroup?.memoryBytes === undefined),
    options: makeBwrapOptions(confinement, readSystemLayout()),
    filter: makeSystemCallFilter({ architecture: tools.architecture, internet: confinement.network !== 'none' }),
    argv: confinement.argv,
  })
  const closed = new Promise<number | null>((resolve) => {
    bwrap.child.once('error', () => resolve(null))
    bwrap.child.once('exit', resolve)
  })
  const removeGroups = async (): Promise<void> => {
    for (let attempts = 0; cgroup?.remove() === false && attempts < 50; attempts++) await waitUntilGone(process.pid, 10)
  }
  const { pid, applied } = await bound(bwrap, tools, confinement, cgroup).catch(async (cause: unknown) => {
    bwrap.child.kill('SIGKILL')
    await closed
    await removeGroups()
    const why = cause instanceof Error ? cause.message : String(cause)
    throw new BulkheadError('sandbox.failed', `${JSON.stringify(confinement.argv[0])} could not be started: ${why}`, {
      cause,
    })
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
    return { reason: bwrap.told() || code === null ? 'exited' : 'not-started', code, signal }
  })
  bwrap.release()
  // From here on the tree dies with this process.
  await waitUntilFiltered(pid, 2_000)
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
    end,
    [Symbol.asyncDispose]: async () => {
      await end()
    },
  }
}
