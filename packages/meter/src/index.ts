// The meter's public face, by hand.

export type { Fault, FaultCode } from './fault.ts'
export type { Features, Fuel } from './features.ts'
export { lowerMemoryImport } from './lower-memory-import.ts'
export {
  type FunctionExport,
  type MeteredMemory,
  type MeteredModule,
  type MeterOptions,
  type MeterResult,
  meterModule,
} from './meter-module.ts'
export { isMeterFrame, meterNamespace, meterVersion } from './names.ts'
export type { Operation, Substitution } from './substitutes.ts'
