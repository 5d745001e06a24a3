// The cell's public face, by hand.

export { type Cell, type CellOptions, contextKey, openCell } from './cell.ts'
export { openCompartments } from './compartment.ts'
export type {
  CellArtifact,
  CompiledModule,
  CompileOptions,
  Driver,
  Engine,
  Guest,
  GuestCall,
  GuestInstance,
  GuestResult,
} from './driver.ts'
export { moduleBeside, startThread, type ThreadOptions } from './thread.ts'
export type {
  WasmExportDescriptor,
  WasmExports,
  WasmGlobal,
  WasmImportDescriptor,
  WasmImports,
  WasmImportValue,
  WasmInstance,
  WasmMemory,
  WasmModule,
  WasmTable,
} from './web-assembly.ts'
export { hasPromiseIntegration } from './web-assembly.ts'
export { CellFleet } from './cell-fleet.ts'
