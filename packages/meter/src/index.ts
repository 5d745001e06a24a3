// The meter's public face, by hand.

export type { Fault, FaultCode } from './fault.ts'
export { growDeniedExport } from './grow-watch.ts'
export {
  defaultModuleLimits,
  type LimitedModule,
  type LimitResult,
  limitModule,
} from './limit-module.ts'
export { lowerMemoryImport } from './lower-memory-import.ts'
export type { FunctionExport, ModuleLimits } from './sections.ts'
export type { SizeLimits } from './limits.ts'
