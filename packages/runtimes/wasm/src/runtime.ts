// The wasm tier as the host sees it: turns a plugin's bytes into a cell that runs them.

import { type Cell, moduleBeside, openCell } from '@bulkhead/cell'
import type { LoadedPlugin, Runtime } from '@bulkhead/kernel'
import { BulkheadError } from '@bulkhead/kernel/wire'

/** Makes the runtime of the wasm tier. Disposing it ends every plugin that it loaded; later loads are refused. */
export const makeWasmRuntime = (): Runtime => {
  const cells = new Set<Cell>()
  let closed = false
  const requireOpen = (): void => {
    if (closed) throw new BulkheadError('host.closed', 'the wasm runtime is closed')
  }
  const driverUrl = moduleBeside(import.meta.url, 'driver')
  return {
    tier: 'wasm',
    load: async (artifact, options): Promise<LoadedPlugin> => {
      requireOpen()
      const { boundary, limits, config, functions, signal, log } = options
      if (boundary === 'jail') {
        throw new BulkheadError('runtime.missing', 'the boundary "jail" is not there yet', {
          hint: 'Use boundary: thread.',
        })
      }
      const { manifest, digest, entry, entryBytes, modules } = artifact
      const cell = await openCell({
        boundary,
        driverUrl,
        artifact: {
          name: manifest.name,
          digest,
          entry,
          bytes: entryBytes,
          modules,
          config,
          functions,
          limits,
          isolation: manifest.execution.isolation,
        },
        signal,
        log,
      })
      cells.add(cell)
      if (closed) await cell[Symbol.asyncDispose]()
      requireOpen()
      return {
        actions: cell.actions,
        call: (request) => cell.call(request),
        [Symbol.asyncDispose]: async () => {
          cells.delete(cell)
          await cell[Symbol.asyncDispose]()
        },
      }
    },
    [Symbol.asyncDispose]: async () => {
      closed = true
      await Promise.all([...cells].map((cell) => cell[Symbol.asyncDispose]()))
      cells.clear()
    },
  }
}
