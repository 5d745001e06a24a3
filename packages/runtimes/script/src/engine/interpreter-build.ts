// What the pinned build of QuickJS (npm @jitl/quickjs-wasmfile-release-sync) imports, exports and keeps where. Its names are
// minified, so that they mean something for this build alone: a module that differs is refused before it is run.

import type { CompiledModule } from '@bulkhead/cell'
import { BulkheadError } from '@bulkhead/kernel/wire'

/** Module of all imports. */
export const importModule = 'a'
/** Name of the memory among them. */
export const memoryImport = 'a'

/** Names of the imported functions; what they are for stands in imports.ts. */
export const functionImports = [
  ...['b', 'c', 'd', 'e', 'f', 'g', 'h', 'i', 'j', 'k'],
  ...['l', 'm', 'n', 'o', 'p', 'q', 'r', 's', 't'],
] as const
/** Name of an imported function. */
export type FunctionImport = (typeof functionImports)[number]

/** Exported functions that we use: minified name, number of parameters. Their C source is `c/interface.c` of quickjs-emscripten. */
const exportedFunctions = {
  /** `__wasm_call_ctors` */
  construct: ['u', 0],
  malloc: ['v', 1],
  free: ['M', 1],
  /** `_emscripten_stack_restore(stackPointer)` */
  setStackPointer: ['Ma', 1],
  newRuntime: ['K', 0],
  setMaxStackSize: ['D', 2],
  newContext: ['N', 2],
  undefinedValue: ['E', 0],
  freeValue: ['P', 2],
  newObject: ['U', 1],
  newArrayBuffer: ['X', 3],
  newString: ['_', 2],
  getString: ['$', 2],
  freeString: ['S', 2],
  newFunction: ['Da', 5],
  getProp: ['ha', 3],
  setProp: ['ja', 4],
  call: ['ma', 5],
  evaluate: ['pa', 6],
  resolveException: ['na', 2],
  promiseState: ['wa', 2],
  promiseResult: ['xa', 2],
  executePendingJobs: ['ga', 3],
} as const
/** Our name of an exported function. */
export type InterpreterFunction = keyof typeof exportedFunctions
/** The exported functions, to be entered through the engine only. */
export type InterpreterFunctions = Readonly<Record<InterpreterFunction, (...args: readonly number[]) => number>>

/** Addresses in the memory of this build. */
export const addresses = {
  /** The allocator's word for where its heap ends; at first where the heap starts. */
  heapEnd: 86_864,
  /** What it holds before anything ran: the end of the 5 MiB that the build leaves to the stack. */
  declaredHeapStart: 5_333_088,
  /** First byte after static data, where the stack may end. */
  staticEnd: 90_208,
} as const

/** Offsets in structures of this build (quickjs.c of 2025-09-13), for a 32-bit address space. */
export const offsets = {
  /** JSContext.random_state: 64 bits of xorshift64*, never 0. */
  randomState: 224,
  /** JSRuntime.job_list: previous and next; an empty list names itself. */
  jobList: 168,
  /** JSString: length in 31 bits, above them whether characters are 16 bits wide. JSStringRope: length. */
  stringLength: 4,
  stringText: 16,
  /** JSObject: class number (16 bits); for an ArrayBuffer, the address of its JSArrayBuffer. */
  objectClass: 6,
  objectBuffer: 32,
  /** JSArrayBuffer. */
  bufferLength: 0,
  bufferData: 12,
} as const

/** Upper halves of values: their kinds. Below them stand a number or an address. */
export const kinds = {
  string: -7,
  rope: -6,
  object: -1,
  integer: 0,
  boolean: 1,
  undefined: 3,
  exception: 6,
} as const

/** @throws BulkheadError `host.internal` when the module is not the build that this driver was written for */
export const requireKnownBuild = ({ imports, functionExports }: CompiledModule): void => {
  const expected = [
    `${importModule}.${memoryImport} memory`,
    ...functionImports.map((name) => `${importModule}.${name} function`),
  ]
  const found = imports.map(({ module, name, kind }) => `${module}.${name} ${kind}`)
  const unknown = found.find((one) => !expected.includes(one))
  const missing = expected.find((one) => !found.includes(one))
  if (unknown !== undefined || missing !== undefined || found.length !== expected.length) {
    throw otherBuild(unknown === undefined ? `it does not import ${missing}` : `it imports ${unknown}`)
  }
  for (const [name, [exported, parameters]] of Object.entries(exportedFunctions)) {
    const known = functionExports.find((one) => one.name === exported)
    if (known?.parameters !== parameters) throw otherBuild(`its export "${exported}" is not ${name}`)
  }
}

/** The exported functions by our names. */
export const functionsOf = (exports: Readonly<Record<string, unknown>>): InterpreterFunctions =>
  Object.fromEntries(
    Object.entries(exportedFunctions).map(([name, [exported]]) => [name, exports[exported]]),
  ) as InterpreterFunctions

/** The error for a module that is not what we know. */
export const otherBuild = (why: string): BulkheadError =>
  new BulkheadError('host.internal', `the JavaScript interpreter is not the build that this version knows: ${why}`, {
    hint: 'Install @jitl/quickjs-wasmfile-release-sync in the version that the package names.',
  })
