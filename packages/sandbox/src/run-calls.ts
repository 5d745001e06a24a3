// Runs bare system calls inside a confinement and tells what each came to. For probes and for tests.

import { chmodSync, mkdtempSync, realpathSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { buffer } from 'node:stream/consumers'
import { makeCallProgram, type ProgramCall, readAnswers } from './call-program.ts'
import type { Confinement } from './confinement.ts'
import { findSandboxTools } from './host-system.ts'
import { type ConfinedExit, startConfined } from './start-confined.ts'

/** What came of the calls. */
export interface CallsOutcome {
  /** Eight bytes a call: the answer, or a negative errno. Empty when a call ended the program. */
  readonly answers: readonly number[]
  readonly exit: ConfinedExit
  readonly stderr: string
}

/**
 * Makes the calls in a confinement, one after the other; what the program itself needs to be seen is added.
 * @throws {BulkheadError} as {@link startConfined} does
 */
export const runCalls = async (
  calls: readonly ProgramCall[],
  confinement: Omit<Confinement, 'argv'>,
): Promise<CallsOutcome> => {
  const { architecture } = findSandboxTools()
  const folder = realpathSync(mkdtempSync(join(tmpdir(), 'bulkhead-calls-')))
  try {
    const program = join(folder, 'calls')
    writeFileSync(program, makeCallProgram(calls, architecture))
    chmodSync(program, 0o755)
    await using confined = await startConfined({
      ...confinement,
      argv: [program],
      readable: [program, ...confinement.readable],
    })
    confined.stdin.end()
    const [output, stderr, exit] = await Promise.all([
      buffer(confined.stdout),
      buffer(confined.stderr),
      confined.exited,
    ])
    return { answers: readAnswers(output), exit, stderr: String(stderr) }
  } finally {
    rmSync(folder, { recursive: true, force: true })
  }
}
