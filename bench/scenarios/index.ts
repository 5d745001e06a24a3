// The scenarios, in the order of the table. Each runs in a process of its own.

import type { Measure } from '../measure.ts'

/** Loads and runs one. */
export type Scenario = () => Promise<readonly Measure[]>

/** By name, as `--only` takes it. */
export const scenarios: Readonly<Record<string, Scenario>> = {
  load: async () => (await import('./load.ts')).measureLoading(),
  'warm-call': async () => (await import('./warm-call.ts')).measureWarmCalls(),
  bytes: async () => (await import('./bytes.ts')).measureBytes(),
  density: async () => (await import('./density.ts')).measureDensity(),
  'host-call': async () => (await import('./host-call.ts')).measureHostCalls(),
  waiting: async () => (await import('./waiting.ts')).measureWaiting(),
}
