// Tells what the sandbox holds on this host, by trying to break each promise from inside.

import { execFile } from 'node:child_process'
import { chmodSync, mkdtempSync, realpathSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { promisify } from 'node:util'
import type { AppliedLimits } from './applied.ts'
import { makeCallProgram } from './call-program.ts'
import { findSandboxTools } from './host-system.ts'
import { limitProbes } from './limit-probes.ts'
import { bareConfinement, plain, type ProbeContext } from './probe.ts'
import { reachProbes } from './reach-probes.ts'
import { startConfined } from './start-confined.ts'

/** One promise, and whether it was kept when it was tried. */
export interface SandboxFinding {
  /** A word for programs; never reused for another promise. */
  readonly name: string
  readonly promise: string
  readonly holds: boolean
  /** What the attempt got hold of, when the promise does not hold. */
  readonly seen?: string
}

/** What a host has. */
export interface SandboxReport {
  /** What `bwrap --version` says. */
  readonly version: string
  readonly findings: readonly SandboxFinding[]
  /** How the limits are kept here. */
  readonly applied: AppliedLimits
}

/** Makes the file `wait` in the folder: a program that sleeps for a while. */
const plantPrograms = ({ folder, architecture }: ProbeContext): void => {
  writeFileSync(join(folder, 'secret'), 'secret')
  const wait = join(folder, 'wait')
  const while5s = new Uint8Array(16)
  new DataView(while5s.buffer).setBigInt64(0, 5n, true)
  const calls = [{ call: plain('nanosleep', architecture), arguments: [while5s, 0] }]
  writeFileSync(wait, makeCallProgram(calls, architecture))
  chmodSync(wait, 0o755)
}

/** Starts a program and ends it; a host where that fails has no sandbox, whatever is installed. */
const tryOne = async (program: string): Promise<AppliedLimits> => {
  await using confined = await startConfined({ ...bareConfinement, argv: [program], readable: [program] })
  return confined.applied
}

/**
 * Tries every promise. Takes less than a second, and leaves nothing behind.
 * @throws {BulkheadError} `sandbox.missing`: there is no sandbox at all; the hint holds the command to type
 */
export const probeSandbox = async (): Promise<SandboxReport> => {
  const { bwrap, architecture } = findSandboxTools()
  const { stdout } = await promisify(execFile)(bwrap, ['--version'], { env: {} })
  const folder = realpathSync(mkdtempSync(join(tmpdir(), 'bulkhead-probe-')))
  const context: ProbeContext = { architecture, folder }
  try {
    plantPrograms(context)
    const applied = await tryOne(join(folder, 'wait'))
    const findings: SandboxFinding[] = []
    for (const { name, promise, attempt } of [...reachProbes, ...limitProbes]) {
      const seen = await attempt(context).catch((error: unknown) => `the attempt failed: ${String(error)}`)
      findings.push({ name, promise, holds: seen === undefined, ...(seen === undefined ? {} : { seen }) })
    }
    return { version: stdout.trim(), findings, applied }
  } finally {
    rmSync(folder, { recursive: true, force: true })
  }
}
