// What the sandbox of the operating system holds on this machine, as `doctor` tells it: one line for each promise, each tried by a
// program inside that means to break it.

import { asBulkheadError } from '@bulkhead/kernel'
import { type AppliedLimits, probeSandbox, type SandboxFinding, type SandboxReport } from '@bulkhead/sandbox'
import type { DoctorFinding } from './reports.ts'

/** For all attempts together, ms; they take less than a second. */
const patienceMs = 30_000
const summary = 'sandbox'

/** Runs every attempt. Never rejects: a host without a sandbox is a finding. */
export const diagnoseSandbox = async (probe: () => Promise<SandboxReport> = probeSandbox): Promise<DoctorFinding[]> => {
  const patience = Promise.withResolvers<never>()
  const timer = setTimeout(
    () => patience.reject(new Error(`the attempts did not end within ${patienceMs / 1000} s`)),
    patienceMs,
  )
  try {
    const { version, applied, findings } = await Promise.race([probe(), patience.promise])
    const broken = findings.filter(({ holds }) => !holds).length
    return [
      broken === 0
        ? { name: summary, status: 'ok', detail: `${version}: all of ${findings.length} promises were kept when tried` }
        : {
            name: summary,
            status: 'fail',
            detail: `${version}: ${broken} of ${findings.length} promises were broken`,
            hint: 'Run no process plugins here that you do not trust, until the lines below hold.',
          },
      limitsFinding(applied),
      ...findings.map(promiseFinding),
    ]
  } catch (thrown) {
    const { code, message, hint } = asBulkheadError(thrown, 'sandbox.failed')
    return [{ name: summary, status: 'fail', detail: `${code}: ${message}`, hint }]
  } finally {
    clearTimeout(timer)
  }
}

const promiseFinding = ({ name, promise, holds, seen }: SandboxFinding): DoctorFinding => ({
  name: `${summary} ${name}`,
  ...(holds
    ? { status: 'ok', detail: promise }
    : {
        status: 'fail',
        detail: `not so: ${promise} (${seen ?? 'no answer'})`,
        hint: 'This system does not keep what the sandbox relies on; see docs/how-to/sandbox.md.',
      }),
})

/** What only a control group bounds for a whole tree of processes. */
const ofTheTree = ['memory', 'cpuSeconds', 'processes'] as const
const names = { memory: 'memory', cpuSeconds: 'processor time', processes: 'processes' } as const

const ways: Readonly<Record<AppliedLimits['memory']['by'], string>> = {
  group: 'of the whole tree',
  watch: 'of the whole tree, looked at now and then',
  process: 'of each process alone',
  none: 'not bounded',
}

const limitsFinding = (applied: AppliedLimits): DoctorFinding => {
  const told = ofTheTree.map((limit) => {
    const { by } = applied[limit]
    return `${names[limit]} ${ways[by]}`
  })
  const weak = ofTheTree.some((limit) => applied[limit].by !== 'group')
  return {
    name: `${summary} limits`,
    status: weak ? 'warn' : 'ok',
    detail: `read back from the kernel: ${told.join(', ')}`,
    ...(weak
      ? {
          hint: 'A program of many processes can take a multiple. Let Bulkhead make control groups: docs/how-to/sandbox.md.',
        }
      : {}),
  }
}
