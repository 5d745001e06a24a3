// wasm bytes in, wasm bytes out: the maximum of every memory and table becomes what the limits allow, so that the engine
// itself enforces it, and modules that could escape the limits are refused. Nothing is executed, nothing is compiled.

import { checkCompileCost } from './compile-cost.ts'
import { type Fault, feature, invalid, ModuleFault } from './fault.ts'
import { readBodies, watchGrowth } from './grow-watch.ts'
import type { SizeLimits } from './limits.ts'
import { Reader } from './reader.ts'
import { type Found, type FunctionExport, type ModuleLimits, most, readSection, sectionNames } from './sections.ts'
import { Writer } from './writer.ts'

/** A module with its limits built in, and what its loader must know of it. */
export interface LimitedModule {
  readonly bytes: Uint8Array
  /** The memory that it imports, if it does: whoever supplies it sets the maximum. */
  readonly importedMemory: SizeLimits | undefined
  /** The memory of its own, after capping. */
  readonly ownMemory: SizeLimits | undefined
  /** Whether it imports a table: whoever supplies it sets the maximum. */
  readonly importsTable: boolean
  /** Whether something of it runs when it is instantiated. */
  readonly hasStart: boolean
  /** The functions that it exports, with their arities. */
  readonly functionExports: readonly FunctionExport[]
}

/** What became of a module. */
export type LimitResult =
  | { readonly ok: true; readonly module: LimitedModule }
  | { readonly ok: false; readonly fault: Fault }

/** Limits that suit most plugins; the memory's are the caller's. */
export const defaultModuleLimits = { maxTableElements: 200_000, maxModuleBytes: 64 * 1024 * 1024 }

/** Section ids in the order that they must have; custom sections (0) may stand anywhere. */
const sectionOrder = [1, 2, 3, 4, 5, 13, 6, 7, 8, 9, 12, 10, 11]

/** Builds the limits into a module. Never throws: a refusal is a value. */
export const limitModule = (bytes: Uint8Array, limits: ModuleLimits): LimitResult => {
  try {
    return { ok: true, module: rewrite(bytes, limits) }
  } catch (thrown) {
    if (thrown instanceof ModuleFault) return { ok: false, fault: { code: thrown.code, message: thrown.message } }
    throw thrown
  }
}

const rewrite = (bytes: Uint8Array, limits: ModuleLimits): LimitedModule => {
  const reader = new Reader(bytes)
  checkHeader(bytes, limits)
  reader.skip(8, 'the header')
  const found: Found = {
    types: [],
    functions: [],
    functionExports: [],
    importedGlobals: 0,
    importedMemory: undefined,
    ownMemory: undefined,
    importsTable: false,
    hasStart: false,
  }
  const sections = new Map<number, Uint8Array>()
  let names: Uint8Array | undefined
  let place = -1
  for (let count = 0; !reader.done; count++) {
    if (count === most.sections) throw invalid(`the module has more than ${most.sections} sections`)
    const id = reader.byte('a section')
    const name = id === 0 ? 'custom' : sectionNames[id]
    if (name === undefined) throw invalid(`the module has a section of an unknown kind (${id})`)
    const body = reader.within(reader.u32(`the length of the ${name} section`), `the ${name} section`)
    const raw = bytes.subarray(body.at, body.end)
    if (id === 0) {
      // Names make traps readable; other custom sections (debugging data, hints to the engine) serve no run.
      if (body.name('the name of a custom section') === 'name') names = raw
      continue
    }
    const nextPlace = sectionOrder.indexOf(id)
    if (nextPlace <= place) throw invalid(`the ${name} section is out of order or stands twice`)
    place = nextPlace
    sections.set(id, readSection(id, body, { found, limits })?.join() ?? raw)
  }
  const code = sections.get(10)
  const bodies = code === undefined ? [] : readBodies(code)
  checkCompileCost(bodies, {
    types: found.types,
    functions: found.functions,
    imported: found.functions.length - bodies.length,
  })
  watchGrowth({
    sections,
    bodies,
    types: found.types.length,
    functions: found.functions.length,
    importedGlobals: found.importedGlobals,
  })
  const { importedMemory, ownMemory, importsTable, hasStart, functionExports } = found
  const joined = joinSections(bytes.subarray(0, 8), sections, names)
  return { bytes: joined, importedMemory, ownMemory, importsTable, hasStart, functionExports }
}

const joinSections = (header: Uint8Array, sections: ReadonlyMap<number, Uint8Array>, names: Uint8Array | undefined) => {
  const writer = new Writer().raw(header)
  for (const id of sectionOrder) {
    const body = sections.get(id)
    if (body !== undefined) writer.section(id, body)
  }
  return (names === undefined ? writer : writer.section(0, names)).join()
}

const checkHeader = (bytes: Uint8Array, limits: ModuleLimits): void => {
  if (bytes.length < 4 || bytes[0] !== 0 || bytes[1] !== 0x61 || bytes[2] !== 0x73 || bytes[3] !== 0x6d) {
    throw new ModuleFault('artifact.not-wasm', 'the file does not start with the bytes 00 61 73 6d')
  }
  if (bytes.length > limits.maxModuleBytes) {
    throw new ModuleFault(
      'artifact.too-large',
      `the module is ${bytes.length} bytes; at most ${limits.maxModuleBytes} are taken`,
    )
  }
  if (bytes.length < 8) throw invalid('the module ends inside its header')
  if (bytes[4] === 1 && bytes[5] === 0 && bytes[6] === 0 && bytes[7] === 0) return
  if (bytes[6] === 1) throw feature('the file is a component, not a core module')
  throw invalid(`the module has version ${bytes[4]} of the binary format; version 1 is known`)
}
