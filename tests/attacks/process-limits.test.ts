// A process plugin takes all that it can, through the host: it dies alone with an error that says of what, or is refused more, and
// its neighbour and the next call go on. Every attempt is bounded by itself.

import { openHost } from '@bulkhead/host'
import { expect, test } from 'vitest'
import { linux, start } from '../support/confined.ts'
import { obey, writeObeyingPlugin } from '../support/process-plugin.ts'
import { openWorkspace } from '../support/workspace.ts'

/** Whether this host lets us make control groups; without them memory is bounded for each process, which is refused more then. */
const groups = await (async (): Promise<boolean> => {
  if (!linux) return false
  await using probe = await start({ argv: ['/bin/sleep', '1'] })
  return probe.applied.memory.by === 'group'
})()

interface Case {
  readonly name: string
  readonly body: string
  readonly limits?: string
  /** What it ends in, or what it answers. */
  readonly code?: string
  readonly answer?: unknown
  /** Bounded by control groups alone: the guarantees say so. */
  readonly ofTheTree?: true
}

const cases: readonly Case[] = [
  {
    name: 'memory bomb',
    body: `const all = []; for (let i = 0; i < 1200; i++) all.push(Buffer.alloc(1 << 20, 1)); return all.length`,
    code: groups ? 'limit.memory' : 'plugin.failed',
  },
  {
    name: 'memory bomb of many small processes',
    body: `const hoard = "const all = []; for (let i = 0; i < 60; i++) all.push(Buffer.alloc(1 << 20, 1)); setTimeout(() => {}, 3000)"
      const all = Array.from({ length: 6 }, () => child.spawn(process.execPath, ['-e', hoard], { stdio: 'ignore' }))
      const ends = await Promise.all(all.map((each) => new Promise((resolve) => each.on('exit', (code, signal) => resolve(signal)))))
      return ends.includes('SIGKILL') ? 'killed' : ends`,
    // The kernel ends one of them; where it is the first, the plugin is over its limit.
    answer: 'killed',
    ofTheTree: true,
  },
  {
    name: 'fork bomb',
    body: `let failed
      for (let i = 0; i < 150 && failed === undefined; i++) {
        const sleeper = child.spawn('/proc/self/exe', ['-e', 'setTimeout(() => {}, 3000)'], { stdio: 'ignore' })
        failed = await Promise.race([new Promise((resolve) => sleeper.once('error', (error) => resolve(error.code))), new Promise((resolve) => sleeper.once('spawn', () => resolve()))])
      }
      return failed`,
    answer: 'EAGAIN',
    limits: 'memory: 1GiB',
  },
  {
    name: 'disk fill',
    body: `const piece = Buffer.alloc(1 << 20); const full = []
      for (const folder of ['/tmp', '/dev/shm']) {
        try { for (let i = 0; i < 40; i++) fs.writeFileSync(folder + '/' + i, piece) } catch (error) { full.push(error.code) }
      }
      return full`,
    answer: ['ENOSPC', 'ENOSPC'],
  },
  {
    name: 'one file past the limit',
    body: `fs.writeFileSync('/tmp/big', Buffer.alloc(3 << 20)); return 'written'`,
    limits: 'memory: 200MiB, fileSize: 2MiB',
    code: 'plugin.failed',
  },
  {
    name: 'descriptor flood',
    body: `try { for (let i = 0; i < 5000; i++) fs.openSync('/dev/null') } catch (error) { return error.code }`,
    answer: 'EMFILE',
  },
  {
    name: 'less of everything, as the manifest asks',
    body: `const answers = []
      const flood = [() => fs.openSync('/dev/null'), () => fs.writeSync(big, Buffer.alloc(1 << 16))]
      const big = fs.openSync('/tmp/big', 'w')
      for (const one of flood) { let n = 0; try { for (; n < 5000; n++) one() } catch (error) { answers.push(error.code, n < 100) } }
      for (let fd = big + 1; fd < 64; fd++) try { fs.closeSync(fd) } catch {}
      return answers`,
    limits: 'memory: 200MiB, openFiles: 64, tmp: 1MiB',
    answer: ['EMFILE', true, 'ENOSPC', true],
  },
  {
    name: 'computing on and on',
    body: `for (const end = Date.now() + 20000; Date.now() < end; );`,
    limits: 'memory: 200MiB, cpu: 500ms',
    code: 'limit.cpu',
  },
  {
    name: 'computing on and on in children',
    body: `const spin = "for (const end = Date.now() + 20000; Date.now() < end; );"
      const all = [1, 2].map(() => child.spawn(process.execPath, ['-e', spin], { stdio: 'ignore' }))
      await Promise.all(all.map((each) => new Promise((resolve) => each.on('exit', resolve))))`,
    limits: 'memory: 400MiB, cpu: 500ms',
    code: 'limit.cpu',
  },
]

const bounded = cases.filter(({ ofTheTree }) => groups || ofTheTree !== true)

test.runIf(linux).each(bounded)('$name', async ({ body, code, answer, limits = 'memory: 200MiB' }) => {
  await using workspace = await openWorkspace()
  const execution = (text: string): { execution: string } => ({ execution: `  limits: { ${text} }` })
  await writeObeyingPlugin(workspace, 'greedy', execution(limits))
  await writeObeyingPlugin(workspace, 'calm', execution('memory: 200MiB'))
  await using host = await openHost({
    home: workspace.home,
    workspaceRoot: workspace.path,
    plugins: [`${workspace.path}/plugins`],
    policy: { limits: { memoryBytes: 2 ** 30 } },
  })
  const calm = obey(host, 'calm', `await new Promise((resolve) => setTimeout(resolve, 300)); return 'calm'`)
  const greedy = obey(host, 'greedy', body)
  if (code === undefined) expect(await greedy).toEqual(answer)
  else await expect(greedy).rejects.toMatchObject({ code })
  expect(await calm).toBe('calm')
  expect(await obey(host, 'greedy', `return 'again'`)).toBe('again')
})

test.runIf(linux)('processor time is that of each call, in a process that is kept', async () => {
  await using workspace = await openWorkspace()
  await writeObeyingPlugin(workspace, 'kept', {
    execution: '  isolation: per-plugin\n  limits: { memory: 200MiB, cpu: 3s }',
  })
  await using host = await openHost({ home: workspace.home, plugins: [`${workspace.path}/plugins`] })
  const spin = (ms: number): string => `
    const used = () => { const { user, system } = process.cpuUsage(); return (user + system) / 1000 }
    for (const end = used() + ${ms}; used() < end; );
    return globalThis.kept = (globalThis.kept ?? 0) + 1`
  for (let call = 1; call <= 4; call++) expect(await obey(host, 'kept', spin(1000))).toBe(call)
  const { metrics } = await host.invoke('kept', 'run', spin(200))
  expect(metrics.cpuMs).toBeGreaterThanOrEqual(190)
  expect(metrics.cpuMs).toBeLessThan(1000)
  await expect(obey(host, 'kept', spin(20_000))).rejects.toMatchObject({ code: 'limit.cpu' })
  expect(await obey(host, 'kept', spin(1))).toBe(1)
})
