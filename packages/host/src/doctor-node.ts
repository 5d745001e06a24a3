// What works on this machine. Each claim is made by trying it, not by asking a version number.

import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { asBulkheadError, BulkheadError, type ErrorCode } from '@bulkhead/kernel'
import type { Host } from './api.ts'
import type { DoctorFinding } from './reports.ts'
import { verifyAudit } from './audit/audit-node.ts'
import { openHost } from './open-host.ts'
import { openHome } from './state/home-node.ts'

/** What the doctor looks at. */
export interface DoctorOptions {
  readonly home: string
}

/** What only the doctor looks at itself. */
const load = { cell: () => import('@bulkhead/cell'), sandbox: () => import('./doctor-sandbox-node.ts') }

const probeSource = `
export function ping() { return 'pong' }
export function spin() { for (;;) {} }
export function hoard() { const kept = []; for (;;) kept.push(new Uint8Array(1 << 20).fill(1)) }
export const peek = () => Object.fromEntries(['process', 'require', 'fetch', 'module', 'global', 'WebAssembly'].map((name) => [name, typeof globalThis[name]]))
export async function reach() { return await host.http.request({ method: 'GET', url: 'http://127.0.0.1:9/' }) }
`

const endsWith = async (host: Host, action: string, wanted: ErrorCode): Promise<string | undefined> => {
  try {
    await host.call('probe', action, null, { timeoutMs: 2000 })
    return `${action} was not stopped`
  } catch (thrown) {
    const error = asBulkheadError(thrown)
    return error.code === wanted ? undefined : `${action} ended with ${error.code}, not ${wanted}`
  }
}

const answers = async (host: Host): Promise<void> => {
  const answer = await host.call('probe', 'ping')
  if (answer !== 'pong') throw new BulkheadError('host.internal', `the probe answered ${JSON.stringify(answer)}`)
}

/** Runs every probe. Takes a few seconds; leaves nothing behind. */
export const runDoctor = async (options: DoctorOptions): Promise<readonly DoctorFinding[]> => {
  const findings: DoctorFinding[] = []
  const probe = async (name: string, run: () => Promise<Omit<DoctorFinding, 'name'>>): Promise<void> => {
    try {
      findings.push({ name, ...(await run()) })
    } catch (thrown) {
      const error = asBulkheadError(thrown)
      findings.push({ name, status: 'fail', detail: `${error.code}: ${error.message}`, hint: error.hint })
    }
  }
  const major = Number(process.versions.node.split('.')[0])
  await probe('node', async () => ({
    status: major >= 24 ? 'ok' : 'fail',
    detail: `Node ${process.versions.node}, V8 ${process.versions.v8}, ${process.platform}-${process.arch}`,
    ...(major >= 24 ? {} : { hint: 'Bulkhead needs Node 24 or later.' }),
  }))
  await probe('jspi', async () => {
    const { hasPromiseIntegration } = await load.cell()
    return hasPromiseIntegration
      ? { status: 'ok', detail: 'guests can wait for host functions without holding a thread' }
      : { status: 'fail', detail: 'the engine has no JavaScript Promise Integration', hint: 'Use Node 24 or later.' }
  })
  await probe('home', async () => ({ status: 'ok', detail: `${await openHome(options.home)} is ours alone` }))
  await probe('audit log', async () => {
    const report = await verifyAudit(options.home)
    const [problem] = report.problems
    if (problem !== undefined) throw new BulkheadError('audit.broken', problem.message)
    const records = report.chains.reduce((sum, chain) => sum + chain.records, 0)
    return { status: 'ok', detail: `${records} records in ${report.chains.length} chains verify` }
  })

  const folder = await mkdtemp(join(tmpdir(), 'bulkhead-doctor-'))
  try {
    await writeFile(join(folder, 'probe.js'), probeSource)
    const open = (boundary: 'thread' | 'jail'): Promise<Host> =>
      openHost({
        home: join(folder, boundary),
        plugins: [join(folder, 'probe.js')],
        workspaceRoot: folder,
        policy: { boundary, limits: { memoryBytes: 24 * 1024 * 1024 } },
      })
    await using host = await open('thread')
    await probe('boundary thread', async () => {
      await answers(host)
      return { status: 'ok', detail: 'a script ran in a cell on a thread of its own' }
    })
    await probe('boundary jail', async () => {
      await using jailed = await open('jail')
      await answers(jailed)
      return { status: 'ok', detail: 'a script ran in a cell in a confined process of its own' }
    })
    const holds = (name: string, action: string, wanted: ErrorCode, detail: string): Promise<void> =>
      probe(name, async () => {
        const fault = await endsWith(host, action, wanted)
        if (fault !== undefined) return { status: 'fail', detail: fault }
        await host.call('probe', 'ping')
        return { status: 'ok', detail }
      })
    await holds('time limit', 'spin', 'limit.time', 'an endless loop was stopped, and the next call was answered')
    await holds(
      'memory limit',
      'hoard',
      'limit.memory',
      'a script that hoards memory was stopped at its cap, and the next call was answered',
    )
    await holds('gate', 'reach', 'capability.denied', 'a host call without a grant was refused')
    await probe('no other way out', async () => {
      const seen = (await host.call('probe', 'peek')) as Record<string, string>
      const leaks = Object.entries(seen).filter(([, type]) => type !== 'undefined')
      return leaks.length === 0
        ? { status: 'ok', detail: 'a script sees no process, require, fetch or WebAssembly' }
        : { status: 'fail', detail: `a script sees ${leaks.map(([key]) => key).join(', ')}` }
    })
  } finally {
    await rm(folder, { recursive: true, force: true })
  }
  const { diagnoseSandbox } = await load.sandbox()
  findings.push(...(await diagnoseSandbox()))
  return findings
}
