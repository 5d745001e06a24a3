// wasm bytes in, wasm bytes out: a module that can be interrupted at every loop and function, whose memories and tables
// cannot outgrow their limits, and whose state can be read and put back by whoever made its memories. Nothing is executed,
// nothing is compiled. How the parts fit is told in docs/adr/0006-meter-rewrites-modules.md.

import { Appended } from './appended.ts'
import { checkCompileCost } from './compile-cost.ts'
import { type Fault, invalid, ModuleFault } from './fault.ts'
import { Layout } from './layout.ts'
import { capSizeLimits, type SizeLimits } from './limits.ts'
import { globalExport, memoryImport, meterNamespace, startExport } from './names.ts'
import { type ExternalKind, type ModuleParts, readModule } from './read-module.ts'
import type { Reader } from './reader.ts'
import { rewriteCode } from './rewrite-code.ts'
import { checkSubstitution, substituteBody, type Substitution } from './substitutes.ts'
import type { Arity } from './value-types.ts'
import { writeModule } from './write-module.ts'

/** Parts of WebAssembly that are off unless the operator turns them on. */
export interface Features {
  readonly gc?: boolean
  readonly threads?: boolean
  readonly memory64?: boolean
}

/** How a module is to be rewritten. */
export interface MeterOptions {
  /** Pages of 64 KiB of all memories of its own together. */
  readonly maxMemoryPages: number
  /** Elements of all tables together. */
  readonly maxTableElements: number
  /** Largest module, bytes. */
  readonly maxModuleBytes: number
  /** Whether instructions are counted; see docs/reference/fuel.md. */
  readonly fuel: boolean
  readonly features?: Features
  /**
   * The engine's judgement of the original bytes: undefined when they are valid, else why not. What is invalid alone can
   * become valid once the meter's functions and globals are there.
   */
  validate(bytes: Uint8Array): string | undefined
  /** Imported functions that become accesses of the memory of blocks. */
  readonly substitutions?: readonly Substitution[]
}

/** A memory of the module, in index order; pages. */
export interface MeteredMemory {
  /** Where it is imported from. A memory of the module's own has become an import of the meter's namespace. */
  readonly from: { readonly module: string; readonly name: string }
  readonly own: boolean
  readonly min: number
  /** Capped where it is the module's own; as declared where it is imported. */
  readonly max: number | undefined
  readonly shared: boolean
  readonly is64: boolean
}

/** An exported function with its arity. */
export interface FunctionExport extends Arity {
  readonly name: string
}

/** A rewritten module, and what its loader must know of it. */
export interface MeteredModule {
  readonly bytes: Uint8Array
  readonly memories: readonly MeteredMemory[]
  /** Whether it imports a table: whoever supplies it sets the maximum. */
  readonly importsTable: boolean
  /** Whether the memory of blocks and the input's globals are imported. */
  readonly usesBlocks: boolean
  /** Exported name of what was the start function. The host calls it after instantiation. */
  readonly startExport: string | undefined
  /** Exported names of the mutable globals of its own; undefined when JavaScript cannot read one of them. */
  readonly globalExports: readonly string[] | undefined
  /** Without the meter's own, as the two below. */
  readonly functionExports: readonly FunctionExport[]
  readonly imports: readonly { readonly module: string; readonly name: string; readonly kind: ExternalKind }[]
  readonly exports: readonly { readonly name: string; readonly kind: ExternalKind }[]
}

/** What became of a module. */
export type MeterResult =
  | { readonly ok: true; readonly module: MeteredModule }
  | { readonly ok: false; readonly fault: Fault }

/** Rewrites a module. Never throws: a refusal is a value. */
export const meterModule = (bytes: Uint8Array, options: MeterOptions): MeterResult => {
  try {
    return { ok: true, module: rewrite(bytes, options) }
  } catch (thrown) {
    if (thrown instanceof ModuleFault) return { ok: false, fault: { code: thrown.code, message: thrown.message } }
    throw thrown
  }
}

const rewrite = (bytes: Uint8Array, options: MeterOptions): MeteredModule => {
  const parts = readModule(bytes, options.maxModuleBytes)
  const why = options.validate(bytes)
  if (why !== undefined) throw invalid(why)

  const functionImports = parts.imports.filter(({ kind }) => kind === 'function')
  const memoryImports = parts.imports.filter(({ kind }) => kind === 'memory')
  const importedGlobals = parts.imports.filter(({ kind }) => kind === 'global').length
  const substitutions = findSubstitutions(parts, options.substitutions ?? [])
  const usesBlocks = substitutions.size > 0
  const layout = new Layout(
    {
      types: parts.types.length,
      importedFunctions: functionImports.length,
      definedFunctions: parts.functions.length,
      importedGlobals,
      definedGlobals: parts.globals.length,
      memories: memoryImports.length + parts.memories.length,
      tables: parts.tables.length,
    },
    { fuel: options.fuel, blocks: usesBlocks, substituted: new Set(substitutions.keys()) },
  )
  const bodies = readBodies(parts.raw.get(10), parts.functions.length)
  checkCompileCost(bodies, {
    types: parts.types,
    functions: [...functionImports.map(({ type }) => type), ...parts.functions],
    imported: functionImports.length,
  })

  const appended = new Appended(layout, options.fuel)
  const code = rewriteCode(bodies, { layout, appended, fuel: options.fuel })
  for (const [index, { type }] of functionImports.entries()) {
    const substitution = substitutions.get(index)
    const signature = parts.types[layout.type(type)]
    if (signature === undefined) throw invalid('an imported function has a type that does not exist')
    if (substitution === undefined) appended.wrap(index, { type, signature }, code.exceptions)
    else appended.substitute(index, { type, body: substituteBody(substitution.operation, layout) })
  }

  const memories = capSizeLimits(parts.memories, options.maxMemoryPages, 'pages of memory')
  const tables = capSizeLimits(
    parts.tables.map(({ size }) => size),
    options.maxTableElements,
    'table elements',
  )
  const written = writeModule(parts, { layout, appended, code: code.bytes, hints: code.hints, memories, tables })
  return {
    bytes: written,
    memories: [
      ...memoryImports.map(({ module, name, memory }) => describe({ module, name }, false, memory)),
      ...memories.map((size, index) =>
        describe({ module: meterNamespace, name: memoryImport(memoryImports.length + index) }, true, size),
      ),
    ],
    importsTable: parts.imports.some(({ kind }) => kind === 'table'),
    usesBlocks,
    startExport: parts.start === undefined ? undefined : startExport,
    globalExports: globalExports(parts),
    functionExports: functionExports(parts, functionImports),
    imports: parts.imports
      .filter((entry) => entry.kind !== 'function' || !substitutions.has(functionImports.indexOf(entry)))
      .map(({ module, name, kind }) => ({ module, name, kind })),
    exports: parts.exports.map(({ name, kind }) => ({ name, kind })),
  }
}

const describe = (from: MeteredMemory['from'], own: boolean, size: SizeLimits | undefined): MeteredMemory => ({
  from,
  own,
  min: size?.min ?? 0,
  max: size?.max,
  shared: false,
  is64: false,
})

/** By the index of the imported function. */
const findSubstitutions = (
  parts: ModuleParts,
  substitutions: readonly Substitution[],
): ReadonlyMap<number, Substitution> => {
  const found = new Map<number, Substitution>()
  if (substitutions.length === 0) return found
  const byName = new Map(substitutions.map((entry) => [`${entry.module}\u0000${entry.name}`, entry]))
  let index = 0
  for (const { kind, module, name, type } of parts.imports) {
    if (kind !== 'function') continue
    const substitution = byName.get(`${module}\u0000${name}`)
    if (substitution !== undefined) {
      const range = parts.typeBytes[type]
      if (range === undefined) throw invalid('an imported function has a type that does not exist')
      checkSubstitution(substitution, parts.bytes.subarray(range.start, range.end))
      found.set(index, substitution)
    }
    index++
  }
  return found
}

/** The bodies of a code section. @throws ModuleFault */
const readBodies = (code: Reader | undefined, functions: number): Uint8Array[] => {
  if (code === undefined) {
    if (functions > 0) throw invalid('the module declares functions that have no body')
    return []
  }
  const count = code.count('function bodies', code.end)
  if (count !== functions) throw invalid(`the module declares ${functions} functions and has ${count} bodies`)
  const bodies: Uint8Array[] = []
  for (let index = 0; index < count; index++) {
    const body = code.within(code.u32('the length of a function'), 'a function')
    bodies.push(code.bytes.subarray(body.at, body.end))
  }
  if (!code.done) throw invalid('the code section is longer than what it holds')
  return bodies
}

const globalExports = ({ globals, imports }: ModuleParts): readonly string[] | undefined => {
  const imported = imports.filter(({ kind }) => kind === 'global').length
  const mutable = globals.flatMap((global, index) => (global.isMutable ? [{ global, index }] : []))
  if (mutable.some(({ global }) => !global.isPlain)) return undefined
  return mutable.map(({ index }) => globalExport(imported + index))
}

const functionExports = (parts: ModuleParts, functionImports: readonly { readonly type: number }[]): FunctionExport[] =>
  parts.exports.flatMap(({ name, kind, index }) => {
    if (kind !== 'function') return []
    const type = parts.types[functionImports[index]?.type ?? parts.functions[index - functionImports.length] ?? -1]
    if (type === undefined) throw invalid('an export names a function that does not exist')
    return [{ name, parameters: type.parameters, results: type.results }]
  })
