// Extism's JavaScript SDK, the reference for the wasm tier.

import createPlugin, { type Plugin } from '@extism/extism'

/** Its name in the table, with the place where the plugin runs. */
export const extismName = (boundary: 'thread' | 'inline'): string =>
  boundary === 'thread' ? 'Extism, worker' : 'Extism, same thread'

/** Opens a plugin: on a worker of its own (`thread`) or in this thread. */
export const openExtism = async (
  wasm: Uint8Array,
  boundary: 'thread' | 'inline',
): Promise<Pick<Plugin, 'call'> & AsyncDisposable> => {
  const plugin = await createPlugin({ wasm: [{ data: wasm }] }, { runInWorker: boundary === 'thread', useWasi: true })
  return {
    call: (name, input) => plugin.call(name, input),
    [Symbol.asyncDispose]: () => plugin.close(),
  }
}
