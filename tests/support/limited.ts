// Plugins of both tiers that can be made to hit any limit, in a host of their own.

import { writeFile } from 'node:fs/promises'
import { BulkheadError, defineHostFunction, type Host, type HostOptions, type Policy } from '@bulkhead/host'
import { z } from 'zod'
import { openWorkspaceHost, writeScript } from './host.ts'
import { extismModule } from './modules.ts'
import { openWorkspace, type Workspace } from './workspace.ts'

const source = `
  export const ping = () => 'pong'
  export const spin = () => { for (;;) ; }
  export const sort = () => Array.from({ length: 3e6 }, (_, i) => -i).sort().length
  export const work = (n) => { let sum = 0; for (let i = 0; i < n; i++) sum += i % 7; return sum }
  export const sleep = async (ms) => { await new Promise((done) => setTimeout(done, ms)); return 'slept' }
  export const wait = (ms) => host.test.wait(ms)
  export const many = async (n) => { for (let i = 0; i < n; i++) await host.test.nothing(null); return n }
  export const hoard = () => { const all = []; for (;;) all.push(new Uint8Array(1 << 20).fill(1)) }
  export const recurse = () => recurse() + 1
  export const flood = (n) => 'x'.repeat(n)
  export const read = async (path) => (await host.fs.readBytes(path)).length
  export const write = (n) => host.fs.writeText('./out.txt', 'x'.repeat(n))
  export const fetch = async (url) => (await host.http.get(url)).body.length
  export const store = async (n) => host.kv.set('k', 'x'.repeat(n))
`
const more =
  "permissions: { network: ['http://127.0.0.1/*', 'http://127.0.0.1:*/*'], filesystem: ['./'], storage: true }\ncapabilities: ['test.*']"

/** `go` in ever the same loop of n turns, `spin` without end, `grow` by pages until refused, `recurse` without end. */
const moduleBody = `
  (func (export "ping") (result i32) (i32.const 0))
  (func (export "spin") (result i32) (loop $ever (br $ever)) (i32.const 0))
  (func (export "swallow") (result i32) (loop $ever (br $ever)) (i32.const 0))
  (func (export "work") (result i32) (local $i i32)
    (loop $next (br_if $next (i32.lt_u (local.tee $i (i32.add (local.get $i) (i32.const 1))) (i32.const 100000))))
    (i32.const 0))
  (func (export "grow") (result i32)
    (loop $more (br_if $more (i32.ne (memory.grow (i32.const 16)) (i32.const -1))))
    (unreachable))
  (func $deeper (export "recurse") (result i32) (i32.add (call $deeper) (i32.const 1)))`

/** Host functions that wait, or do nothing. */
const functions: HostOptions['functions'] = [
  defineHostFunction({
    name: 'test.wait',
    input: z.int(),
    output: z.string(),
    needs: () => [],
    risk: 'read-only',
    run: ({ input }, { signal }) =>
      new Promise<string>((resolve, reject) => {
        const timer = setTimeout(() => resolve('waited'), input)
        signal.addEventListener('abort', () => {
          clearTimeout(timer)
          reject(signal.reason instanceof Error ? signal.reason : new BulkheadError('call.cancelled', 'over'))
        })
      }),
  }),
  defineHostFunction({
    name: 'test.nothing',
    input: z.null(),
    output: z.null(),
    needs: () => [],
    risk: 'read-only',
    run: () => null,
  }),
]

/** A host over `tool` (script) and `module` (wasm), with everything granted. */
export interface LimitedHost extends AsyncDisposable {
  readonly host: Host
  readonly workspace: Workspace
  /** Opens a second host on the same state folder. */
  again(policy?: Policy): Promise<Host>
}

/** `execution` is YAML inside the manifest's `execution` of `tool`. */
export const openLimitedHost = async (policy: Policy = {}, execution = ''): Promise<LimitedHost> => {
  const workspace = await openWorkspace()
  await writeScript(workspace, 'tool', { source, more, execution })
  await writeFile(`${workspace.path}/plugins/module.wasm`, await extismModule(moduleBody))
  const open = (given: Policy): Promise<Host> =>
    openWorkspaceHost(workspace, {
      functions,
      policy: {
        grants: { tool: ['filesystem.read:./', 'filesystem.write:./', 'storage', 'test.*'] },
        ...given,
      },
    })
  const host = await open(policy)
  return {
    host,
    workspace,
    again: (given = policy) => open(given),
    [Symbol.asyncDispose]: async () => {
      await host[Symbol.asyncDispose]()
      await workspace[Symbol.asyncDispose]()
    },
  }
}
