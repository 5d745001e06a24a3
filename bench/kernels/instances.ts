// Instances of the kernels' module: as it is, and as the meter rewrites it.

import { type Kernel, kernels } from '../goals.ts'
import { engine, meter, meterImports, type Metering, type WasmImports } from './engine.ts'

/** Runs of one instance by kernel. */
export type KernelRuns = Readonly<Record<Kernel, () => unknown>>

const host: WasmImports = {
  env: {
    abort: () => {
      throw new Error('a kernel aborted')
    },
  },
}

const runsOf = (exports: Readonly<Record<string, unknown>>): KernelRuns =>
  Object.fromEntries(kernels.map((kernel) => [kernel, exports[kernel]])) as KernelRuns

/** As the engine runs it. */
export const plainRuns = (bytes: Uint8Array): KernelRuns =>
  runsOf(new engine.Instance(new engine.Module(bytes), host).exports)

/** With checks. */
export const meteredRuns = (bytes: Uint8Array, metering: Metering): KernelRuns => {
  const metered = meter(bytes, metering)
  const { exports } = new engine.Instance(new engine.Module(metered.bytes), { ...host, ...meterImports(metered) })
  if (metered.startExport !== undefined) (exports[metered.startExport] as () => void)()
  return runsOf(exports)
}
