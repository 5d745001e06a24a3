// Where everything of a module is after rewriting: which index each function, global and memory has then, and which
// indexes the meter's own things have. Everything of the meter's is appended to what the module imports or defines, so
// that types, tables, memories and segments keep their indexes; functions and globals of the module's own move up.

import { invalid } from './fault.ts'

/** Counts of the original module. */
export interface Counts {
  readonly types: number
  readonly importedFunctions: number
  readonly definedFunctions: number
  readonly importedGlobals: number
  readonly definedGlobals: number
  readonly memories: number
  readonly tables: number
}

/** What is added. */
export interface Additions {
  readonly fuel: boolean
  readonly blocks: boolean
  /** Indexes of imported functions that are taken out of the import section. */
  readonly substituted: ReadonlySet<number>
}

/** See the file's head. */
export class Layout {
  readonly counts: Counts
  /** Type index of `[] -> [i32]` and of `[] -> []`, and of the first type after them. */
  readonly types: { readonly interrupt: number; readonly nothing: number; readonly next: number }
  readonly interrupt: number
  readonly pause: number
  /** The slow path of every check. */
  readonly tick: number
  readonly state: number
  readonly fuel: number
  readonly inputOffset: number
  readonly inputLength: number
  readonly blocksMemory: number
  readonly epochMemory: number
  /** First index of the functions that are appended after the tick: one for each import, then whatever is needed. */
  readonly firstAppended: number
  readonly addedGlobals: number
  /** Index after rewriting of a reference to each original function: imports are reached through what was appended for them. */
  readonly functions: Int32Array
  /** Index after rewriting of each import itself; -1 where it was taken out. */
  readonly imports: Int32Array

  constructor(counts: Counts, { fuel, blocks, substituted }: Additions) {
    this.counts = counts
    const { importedFunctions, definedFunctions, importedGlobals, memories } = counts
    this.types = { interrupt: counts.types, nothing: counts.types + 1, next: counts.types + 2 }
    const kept = importedFunctions - substituted.size
    this.interrupt = kept
    this.pause = kept + 1
    this.tick = kept + 2 + definedFunctions
    this.firstAppended = this.tick + 1
    this.functions = new Int32Array(importedFunctions + definedFunctions)
    this.imports = new Int32Array(importedFunctions)
    for (let index = 0, next = 0; index < importedFunctions; index++) {
      this.functions[index] = this.firstAppended + index
      this.imports[index] = substituted.has(index) ? -1 : next++
    }
    for (let index = 0; index < definedFunctions; index++) this.functions[importedFunctions + index] = kept + 2 + index
    let global = importedGlobals
    this.state = global++
    this.fuel = fuel ? global++ : -1
    this.inputOffset = blocks ? global++ : -1
    this.inputLength = blocks ? global++ : -1
    this.addedGlobals = global - importedGlobals
    this.blocksMemory = blocks ? memories : -1
    this.epochMemory = memories + (blocks ? 1 : 0)
  }

  /** @throws ModuleFault for an index that the original module does not have */
  function(index: number): number {
    const moved = this.functions[index]
    if (moved === undefined) throw invalid(`the module refers to function ${index}, which does not exist`)
    return moved
  }

  /** @throws ModuleFault as {@link function} */
  global(index: number): number {
    const { importedGlobals, definedGlobals } = this.counts
    if (index >= importedGlobals + definedGlobals) {
      throw invalid(`the module refers to global ${index}, which does not exist`)
    }
    return index < importedGlobals ? index : index + this.addedGlobals
  }

  /** @throws ModuleFault as {@link function} */
  memory(index: number): number {
    if (index >= this.counts.memories) throw invalid(`the module refers to memory ${index}, which does not exist`)
    return index
  }

  /** @throws ModuleFault as {@link function} */
  type(index: number): number {
    if (index >= this.counts.types) throw invalid(`the module refers to type ${index}, which does not exist`)
    return index
  }
}
