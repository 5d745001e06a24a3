// Where everything of a module is after rewriting: which index each function, global and memory has then, and which
// indexes the meter's own things have. Everything of the meter's is appended to what the module imports or defines, so
// that types, tables, memories, tags and segments keep their indexes; functions and globals of the module's own move up.

import { invalid } from './fault.ts'

/** Counts of the original module. */
export interface Counts {
  readonly types: number
  readonly importedFunctions: number
  readonly definedFunctions: number
  readonly importedGlobals: number
  readonly definedGlobals: number
  readonly memories: number
}

/** What is added. */
export interface Additions {
  readonly fuel: boolean
  readonly blocks: boolean
  /** Whether objects are allocated on the engine's heap. */
  readonly allocation: boolean
  /** Indexes of imported functions that are taken out of the import section. */
  readonly substituted: ReadonlySet<number>
}

/** See the file's head. Indexes of what was not added are -1. */
export class Layout {
  readonly counts: Counts
  /** Type index of `[] -> [i32]` and of `[] -> []`, and of the first type after them. */
  readonly types: { readonly interrupt: number; readonly nothing: number; readonly next: number }
  readonly interrupt: number
  readonly pause: number
  /** The slow path of every check, the first of the appended functions. */
  readonly tick: number
  readonly state: number
  readonly fuel: number
  readonly allocation: number
  readonly inputOffset: number
  readonly inputLength: number
  readonly blocksEnd: number
  readonly blocksMemory: number
  readonly epochMemory: number
  readonly addedGlobals: number
  /** Index after rewriting of a reference to each original function: imports are reached through what was appended for them. */
  readonly functions: Int32Array
  /** Index after rewriting of each import itself; -1 where it was taken out. */
  readonly imports: Int32Array
  /** Imports that remain. */
  readonly keptImports: number

  constructor(counts: Counts, { fuel, blocks, allocation, substituted }: Additions) {
    this.counts = counts
    const { importedFunctions, definedFunctions, importedGlobals, memories } = counts
    this.types = { interrupt: counts.types, nothing: counts.types + 1, next: counts.types + 2 }
    this.keptImports = importedFunctions - substituted.size
    this.interrupt = this.keptImports
    this.pause = this.keptImports + 1
    const firstDefined = this.keptImports + 2
    this.tick = firstDefined + definedFunctions
    this.functions = new Int32Array(importedFunctions + definedFunctions)
    this.imports = new Int32Array(importedFunctions)
    for (let index = 0, next = 0; index < importedFunctions; index++) {
      this.functions[index] = this.tick + 1 + index
      this.imports[index] = substituted.has(index) ? -1 : next++
    }
    for (let index = 0; index < definedFunctions; index++) {
      this.functions[importedFunctions + index] = firstDefined + index
    }
    let global = importedGlobals
    this.state = global++
    this.fuel = fuel ? global++ : -1
    this.allocation = allocation ? global++ : -1
    this.inputOffset = blocks ? global++ : -1
    this.inputLength = blocks ? global++ : -1
    this.blocksEnd = blocks ? global++ : -1
    this.addedGlobals = global - importedGlobals
    this.blocksMemory = blocks ? memories : -1
    this.epochMemory = memories + (blocks ? 1 : 0)
  }

  /** @throws ModuleFault for an index that the original module does not have */
  function(index: number): number {
    const moved = this.functions[index]
    if (moved === undefined) throw missing('function', index)
    return moved
  }

  /** @throws ModuleFault as {@link function} */
  global(index: number): number {
    const { importedGlobals, definedGlobals } = this.counts
    if (index >= importedGlobals + definedGlobals) throw missing('global', index)
    return index < importedGlobals ? index : index + this.addedGlobals
  }

  /** @throws ModuleFault as {@link function} */
  memory(index: number): number {
    if (index >= this.counts.memories) throw missing('memory', index)
    return index
  }

  /** @throws ModuleFault as {@link function} */
  type(index: number): number {
    if (index >= this.counts.types) throw missing('type', index)
    return index
  }
}

const missing = (what: string, index: number): Error =>
  invalid(`the module refers to ${what} ${index}, which does not exist`)
