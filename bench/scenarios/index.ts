// The scenarios, in the order of the table. Each runs in a process of its own.

import type { Measure } from '../measure.ts'

/** Loads and runs one. */
export type Scenario = () => Promise<readonly Measure[]>

/** By name, as `--only` takes it. */
export const scenarios: Readonly<Record<string, Scenario>> = {
  'warm-thread': async () => (await import('./warm-thread.ts')).measureWarmThread(),
  throughput: async () => (await import('./throughput.ts')).measureThroughput(),
  'warm-inline': async () => (await import('./warm-inline.ts')).measureWarmInline(),
  bytes: async () => (await import('./bytes.ts')).measureBytes(),
  'large-module': async () => (await import('./large-module.ts')).measureLargeModule(),
  'script-sandbox': async () => (await import('./script-sandbox.ts')).measureScriptSandbox(),
  'lua-sandbox': async () => (await import('./lua-sandbox.ts')).measureLuaSandbox(),
  'rune-sandbox': async () => (await import('./rune-sandbox.ts')).measureRuneSandbox(),
  'graph-algorithms': async () => (await import('./graph-algorithms.ts')).measureGraphAlgorithms(),
  metering: async () => (await import('./metering.ts')).measureMetering(),
  'script-metering': async () => (await import('./script-metering.ts')).measureScriptMetering(),
  stop: async () => (await import('./stop.ts')).measureStops(),
  waiting: async () => (await import('./waiting.ts')).measureWaiting(),
  thousand: async () => (await import('./thousand.ts')).measureThousand(),
  'process-messages': async () => (await import('./process-messages.ts')).measureProcessMessages(),
  discovery: async () => (await import('./discovery.ts')).measureDiscovery(),
  'host-call': async () => (await import('./host-call.ts')).measureHostCalls(),
  load: async () => (await import('./load.ts')).measureLoading(),
  'node-plugin': async () => (await import('./node-plugin.ts')).measureNodePlugin(),
  density: async () => (await import('./density.ts')).measureDensity(),
  jail: async () => (await import('./jail.ts')).measureJail(),
  semantic: async () => (await import('./semantic.ts')).measureSemantic(),
  confined: async () => (await import('./confined.ts')).measureConfined(),
  notes: async () => (await import('./notes.ts')).measureNotes(),
}
