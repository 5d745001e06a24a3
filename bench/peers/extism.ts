// Extism's JavaScript SDK, the reference for the wasm tier.

import createPlugin, { type Plugin } from '@extism/extism'
import type { WasmModule } from '../kernels/engine.ts'
import { peerNames } from './names.ts'

/** Where a plugin runs: on a worker of its own (`thread`) or in this thread. */
export type Boundary = 'thread' | 'inline'

/** Its name in the table. */
export const extismName = (boundary: Boundary): string =>
  boundary === 'thread' ? peerNames.extismThread : peerNames.extismInline

/** Opens a plugin, from bytes or compiled already; `timeoutMs` bounds each call, on a worker only. */
export const openExtism = async (
  wasm: Uint8Array | WasmModule,
  boundary: Boundary,
  { timeoutMs }: { readonly timeoutMs?: number } = {},
): Promise<Pick<Plugin, 'call'> & AsyncDisposable> => {
  const source = wasm instanceof Uint8Array ? { data: wasm } : { module: wasm as never }
  const plugin = await createPlugin(
    { wasm: [source] },
    {
      runInWorker: boundary === 'thread',
      useWasi: true,
      ...(timeoutMs === undefined ? {} : { timeoutMs }),
    },
  )
  return {
    call: (name, input) => plugin.call(name, input),
    [Symbol.asyncDispose]: () => plugin.close(),
  }
}
