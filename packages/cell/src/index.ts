export type {
  CellArtifact,
  CompiledModule,
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
