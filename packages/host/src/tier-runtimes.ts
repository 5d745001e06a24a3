// The runtimes of one host, by tier. The code of one is loaded with the first plugin of its tier: a host of scripts loads nothing
// of what programs need, such as gRPC, and one that only lists its plugins loads none of them.

import type { BundleApart } from '@bulkhead/bundle'
import type { Cells } from '@bulkhead/cell'
import { BulkheadError, type Runtime, type Tier } from '@bulkhead/kernel'
import type { EgressPorts } from '@bulkhead/net'
import { hostVersion } from './version.ts'

/** What runtimes are made with. */
export interface TierPorts {
  readonly cells: Cells
  readonly bundleApart: BundleApart
  readonly network: EgressPorts
}

/** See the file's head. Disposing it ends the plugins of all tiers; later loads are refused. */
export interface TierRuntimes extends AsyncDisposable {
  /** The runtime of a tier; undefined when this build has none. @throws BulkheadError `host.closed` */
  of(tier: Tier): Promise<Runtime | undefined>
}

const loaders: Partial<Record<Tier, (ports: TierPorts) => Promise<Runtime>>> = {
  script: async ({ cells, bundleApart }) =>
    (await import('@bulkhead/runtime-script')).makeScriptRuntime(cells, bundleApart),
  wasm: async ({ cells }) => (await import('@bulkhead/runtime-wasm')).makeWasmRuntime(cells),
  process: async ({ bundleApart, network }) => {
    const [{ makeProcessRuntime }, { makeEgress }] = await Promise.all([
      import('@bulkhead/runtime-process'),
      import('@bulkhead/net/egress'),
    ])
    return makeProcessRuntime({ hostVersion, egress: makeEgress(network), bundleApart })
  },
}

/** Loads nothing yet. */
export const makeTierRuntimes = (ports: TierPorts): TierRuntimes => {
  const loading = new Map<Tier, Promise<Runtime>>()
  let closed = false
  return {
    of: async (tier) => {
      if (closed) throw new BulkheadError('host.closed', 'the host is closed')
      const known = loading.get(tier)
      if (known !== undefined) return known
      const begun = loaders[tier]?.(ports)
      if (begun === undefined) return undefined
      loading.set(tier, begun)
      // For want of descriptors, say: the next plugin tries again.
      begun.catch(() => loading.delete(tier))
      return begun
    },
    [Symbol.asyncDispose]: async () => {
      closed = true
      // One that could not be loaded has nothing to end; whoever wanted it was told.
      const settled = await Promise.allSettled(loading.values())
      const runtimes = settled.flatMap((one) => (one.status === 'fulfilled' ? [one.value] : []))
      await Promise.all(runtimes.map((runtime) => runtime[Symbol.asyncDispose]()))
    },
  }
}
