// The meter's public face, by hand.

export type { Fault, FaultCode } from './fault.ts'
export { growDeniedExport } from './grow-watch.ts'
export {
  defaultModuleLimits,
  type FunctionExport,
  type LimitedModule,
  type LimitResult,
  limitModule,
  type ModuleLimits,
} from './limit-module.ts'
export type { SizeLimits } from './limits.ts'
