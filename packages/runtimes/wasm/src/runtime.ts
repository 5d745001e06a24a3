// The wasm tier as the host sees it: turns a plugin's bytes into a cell that runs them.

import { CellFleet, type Cells, moduleBeside } from '@bulkhead/cell'
import type { LoadedPlugin, Runtime } from '@bulkhead/kernel'

/**
 * Makes the runtime of the wasm tier. Disposing it ends every plugin that it loaded; later loads are refused. Its
 * plugins run in `cells`, which are the caller's to dispose; in some of its own when absent.
 */
export const makeWasmRuntime = (cells?: Cells): Runtime => {
  const fleet = new CellFleet('the wasm runtime', cells)
  const driverUrl = moduleBeside(import.meta.url, 'driver')
  return {
    tier: 'wasm',
    load: async (artifact, options): Promise<LoadedPlugin> => {
      fleet.requireOpen()
      const { boundary, domain, limits, config, functions, features, signal, log, care } = options
      const { manifest, digest, entry, entryBytes, modules } = artifact
      return fleet.open({
        boundary,
        domain,
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
        ...(features === undefined ? {} : { features }),
        signal,
        log,
        died: (error) => care?.crashed(error),
      })
    },
    [Symbol.asyncDispose]: () => fleet[Symbol.asyncDispose](),
  }
}
