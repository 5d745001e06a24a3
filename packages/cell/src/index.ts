// The cell's public face, by hand.

export { type Cell, type CellFeatures, type CellOptions } from './cell.ts'
export { CellFleet } from './cell-fleet.ts'
export { type Cells, type CellsOptions, openCells } from './cells.ts'
export { type CodeCachePaths, codeCachePaths } from './code-cache/index.ts'
export { openCompartments } from './compartment-count.ts'
export type {
  BlockRegisters,
  CellArtifact,
  CompiledModule,
  CompileOptions,
  Driver,
  Engine,
  Guest,
  GuestCall,
  GuestInstance,
  GuestResult,
  LoadContext,
  Snapshot,
  Task,
} from './driver.ts'
export type { JailPort, JailProcess } from './jail/jail.ts'
export { rewriteOptions } from './engine.ts'
export { prepareModule } from './module-store.ts'
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
