// Starts a program in a confinement and answers a handle on the whole tree of processes that comes of it.

import { readFileSync } from 'node:fs'
import { availableParallelism, constants } from 'node:os'
import type { Readable, Writable } from 'node:stream'
import { setTimeout as sleep } from 'node:timers/promises'
import { asBulkheadError, BulkheadError } from '@bulkhead/kernel'
import { type AppliedLimits, describeLimits } from './applied.ts'
import { firstFreeDescriptor, makeBwrapOptions } from './bwrap-arguments.ts'
import { type Cgroup, openCgroup, type ResourceUsage } from './cgroup.ts'
import { findCgroupPlaces } from './cgroup-places.ts'
import { checkConfinement, type Confinement } from './confinement.ts'
import { watchCpu } from './cpu-watch.ts'
import { type HeldPlaces, holdPlaces } from './held-places-node.ts'
import {
  childrenOf,
  isChildOf,
  signalDescendants,
  signalProcess,
  treeCpuSeconds,
  waitUntilGone,
} from './host-process.ts'
import { findSandboxTools, readSystemLayout } from './host-system.ts'
import { planMounts } from './mounts.ts'
import { checkInForce, parseProcessLimits, resourceLimits } from './rlimits.ts'
import { failureOf } from './start-failure.ts'
import { makeSystemCallFilter } from './seccomp.ts'
import type { ResourceLimit } from './rlimits.ts'
import { type BwrapProcess, type InnerListener, spawnBwrap } from './spawn-bwrap.ts'
import { readTemporarySize } from './temporary-size.ts'

/** How a confined program came to its end. */
export interface ConfinedExit {
  /**
   * `exited`: by itself, or by a signal that it brought on itself. `ended`: by {@link Confined.end}. `memory`, `cpu`: it was
   * over that limit. `file-size`: it wrote past that limit, and did not mind the signal.
   */
  readonly reason: 'exited' | 'ended' | 'memory' | 'cpu' | 'file-size'
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
  /** The processor time of {@link usage} alone, seconds. */
  usedCpu(): number
  /** Ends the tree when it uses more than so many seconds of processor time from now on, until it is disposed. */
  limitCpu(seconds: number): Disposable
  /** Kills the whole tree and waits until it is gone. */
  end(): Promise<ConfinedExit>
}

/** Options of {@link startConfined}. */
export interface StartOptions {
  /** Whether control groups are used where there are some; true when absent. */
  readonly groups?: boolean
  /** Called when the walls stand and nothing of the program has run; what it throws ends the start. */
  readonly beforeEntering?: () => void
  /**
   * Listens inside, at 127.0.0.1, with a socket that this process holds: its connections are answered from here. Needs the
   * network `loopback`.
   */
  readonly listener?: InnerListener
}

const [cpuSignal, fileSizeSignal] = [24, 25]

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

interface Beginning {
  readonly confinement: Confinement
  readonly cgroup: Cgroup | undefined
  readonly rlimits: readonly ResourceLimit[]
  readonly places: HeldPlaces
  readonly beforeEntering: StartOptions['beforeEntering']
}

/** Builds the sandbox around the waiting program, puts it under its limits, and lets it begin. */
const begin = async (
  bwrap: BwrapProcess,
  { confinement, cgroup, rlimits, places, beforeEntering }: Beginning,
): Promise<Begun> => {
  const { limits, argv } = confinement
  const built = bwrap.built
  // Moving a process waits for the kernel, and while that has just happened the next is moved at once: so bubblewrap goes in
  // while it builds, and what it made when it has.
  // When it has ended already, that is told below.
  if (bwrap.child.pid !== undefined) await cgroup?.add(bwrap.child.pid).catch(() => undefined)
  if (!(await built)) throw await failureOf(bwrap, argv)
  const [pid] = childrenOf(bwrap.child.pid)
  if (pid === undefined) throw await failureOf(bwrap, argv)
  // Process 1 and the gate. What the sandbox is built of, the files of the program among it, is no part of what it uses.
  const [gate = pid] = childrenOf(pid)
  await cgroup?.add(...new Set([pid, gate]))
  const inForce = parseProcessLimits(readFileSync(`/proc/${gate}/limits`, 'utf8'))
  checkInForce(rlimits, inForce)
  const tmpBytes = readTemporarySize(pid, confinement.tmpBytes)
  places.verify(pid)
  beforeEntering?.()
  const errno = await bwrap.enter()
  if (errno !== 0) {
    const [name] = Object.entries(constants.errno).find(([, number]) => number === errno) ?? [`errno ${errno}`]
    throw new BulkheadError('sandbox.failed', `${JSON.stringify(argv[0])} cannot be run in its sandbox: ${name}.`, {
      hint: 'See that the program is executable, and that it, its interpreter and its libraries are readable inside.',
      details: { errno },
    })
  }
  const superuser = process.getuid?.() === 0
  return {
    pid,
    applied: describeLimits(cgroup, inForce, {
      superuser,
      cpuSeconds: limits.cpuSeconds,
      tmpBytes,
    }),
  }
}

const start = async (confinement: Confinement, options: StartOptions): Promise<Confined> => {
  checkConfinement(confinement)
  if (options.listener !== undefined && confinement.network !== 'loopback') {
    throw new BulkheadError(
      'sandbox.invalid',
      'A confinement is not valid: only a network of its own can be listened in.',
      {
        hint: 'Give it the network loopback, or no listener.',
      },
    )
  }
  const tools = findSandboxTools()
  using places = holdPlaces(planMounts(confinement), firstFreeDescriptor)
  const filter = makeSystemCallFilter({
    architecture: tools.architecture,
    internet: confinement.network !== 'none',
    local: confinement.localSockets ?? confinement.sockets.length > 0,
  })
  const cgroup = options.groups === false ? undefined : openGroups(confinement)
  const removeGroups = async (): Promise<void> => {
    // A process that has just ended is in its group for a moment still.
    for (let attempts = 0; cgroup?.remove() === false && attempts < 50; attempts++) await sleep(10)
  }
  const rlimits = resourceLimits(confinement.limits, {
    data: cgroup?.memoryBytes === undefined,
    processes: cgroup?.processes === undefined,
  })
  let bwrap: BwrapProcess
  try {
    bwrap = spawnBwrap({
      tools,
      rlimits,
      options: makeBwrapOptions(confinement, readSystemLayout(), places.mounts),
      places: places.descriptors,
      files: confinement.files ?? [],
      filter,
      argv: confinement.argv,
      listener: options.listener,
    })
  } catch (cause) {
    await removeGroups()
    throw cause
  }
  const closed = new Promise<number | null>((resolve) => {
    bwrap.child.once('error', () => resolve(null))
    bwrap.child.once('exit', resolve)
  })
  const { pid, applied } = await begin(bwrap, {
    ...{ confinement, cgroup, rlimits, places },
    beforeEntering: options.beforeEntering,
  }).catch(async (cause: unknown) => {
    // Not with a signal: bubblewrap's child would wait for it for ever. Both go on without us, and end at the lifeline.
    bwrap.abandon()
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
      signalProcess(pid, 'SIGKILL')
    bwrap.cut()
  }
  const usedCpu = (): number => cgroup?.cpuSeconds() ?? treeCpuSeconds(pid)
  const limitCpu = (seconds: number): Disposable => {
    const before = usedCpu()
    const watch = watchCpu(() => usedCpu() - before, seconds, {
      cores: availableParallelism(),
      over: () => killTree('cpu'),
    })
    return { [Symbol.dispose]: () => watch.stop() }
  }
  const watch = limitCpu(confinement.limits.cpuSeconds)

  const exited = closed.then(async (code): Promise<ConfinedExit> => {
    watch[Symbol.dispose]()
    // Where bubblewrap alone was killed, process 1 lives on until this.
    bwrap.cut()
    await waitUntilGone(pid, 5_000)
    const signal = code !== null && code > 128 && code <= 192 ? code - 128 : null
    const outOfMemory = (cgroup?.outOfMemory() ?? 0) > 0
    await removeGroups()
    if (reason !== undefined) return { reason, code, signal }
    if ((signal === 9 || code === null) && outOfMemory) return { reason: 'memory', code, signal }
    if (signal === cpuSignal) return { reason: 'cpu', code, signal }
    if (signal === fileSizeSignal) return { reason: 'file-size', code, signal }
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
    usage: () =>
      cgroup?.countsCpu === true ? cgroup.usage() : { ...cgroup?.usage(), cpuSeconds: treeCpuSeconds(pid) },
    hold: bwrap.hold,
    terminate: () => {
      const monitor = bwrap.child
      if (monitor.pid !== undefined && monitor.exitCode === null && isChildOf(pid, monitor.pid))
        signalDescendants(pid, 'SIGTERM')
    },
    usedCpu,
    limitCpu,
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
