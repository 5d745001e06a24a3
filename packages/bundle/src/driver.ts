// The bundler as a driver of a cell: in a jail, where hostile sources may do to it what they like. Each file that it wants it asks
// the host for, which gives those of the plugin alone. It runs no WebAssembly and no plugin.

import {
  BulkheadError,
  errorFromWire,
  type Payload,
  packPayload,
  unpackPayload,
  type WireError,
  type WireValue,
} from '@bulkhead/kernel/wire'
import { stop } from 'esbuild'
import { bundleSources } from './bundle.ts'
import { bundleAction, readFunction } from './bundle-call.ts'

/** What of a call it needs. The shapes are the cell's (its driver.ts); on this floor nobody imports them. */
interface BundleCall {
  readonly input: { readonly kind: 'value'; readonly payload: Payload } | { readonly kind: 'raw' }
  dispatch(
    name: string,
    payload: Payload,
  ): Promise<{ readonly ok: true; readonly payload: Payload } | { readonly ok: false; readonly error: WireError }>
}

const nothing = (): undefined => undefined

const answer = async (call: BundleCall): Promise<{ readonly output: { kind: 'value'; payload: Payload } }> => {
  if (call.input.kind !== 'value') throw new BulkheadError('host.internal', 'the bundler was called with bytes')
  const { entry } = unpackPayload(call.input.payload, 'the request') as { readonly entry: string }
  const read = async (path: string): Promise<Uint8Array | undefined> => {
    const reply = await call.dispatch(readFunction, packPayload(path))
    if (!reply.ok) throw errorFromWire(reply.error)
    const content = unpackPayload(reply.payload, 'a file')
    return content instanceof Uint8Array ? content : undefined
  }
  try {
    const bundle = await bundleSources({ entry, tree: { read } })
    return { output: { kind: 'value', payload: packPayload({ ...bundle } satisfies WireValue) } }
  } finally {
    await stop()
  }
}

/** See the file's head. */
export const driver = {
  load: async () => ({
    actions: { [bundleAction]: {} },
    open: async () => ({
      call: answer,
      reset: nothing,
      memoryBytes: () => 0,
      [Symbol.dispose]: nothing,
    }),
    [Symbol.dispose]: nothing,
  }),
}
