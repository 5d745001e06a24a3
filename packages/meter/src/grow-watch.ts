// Makes a module remember that it was refused memory: each `memory.grow` becomes a call of an added function, which
// grows and notes a refusal in an added, exported global. A plugin that dies of it can then be told from one that has a
// bug. Everything is added at the end of its index space, so no index of the module moves.

import { invalid } from './fault.ts'
import { skipOperands } from './instructions.ts'
import { Reader } from './reader.ts'
import { skipValueType } from './value-types.ts'
import { Writer } from './writer.ts'

/** Name of the exported global: an i32 that is 1 once a growth was refused. */
export const growDeniedExport = 'bulkhead:meter/grow-denied'

const memoryGrow = 0x40

/** Sections that are touched, by id. */
const sectionId = { type: 1, function: 3, global: 6, export: 7, code: 10 } as const

/** A module taken apart: bodies of sections by id, and the counts that new indexes start from. */
export interface ModuleParts {
  readonly sections: Map<number, Uint8Array>
  readonly bodies: readonly Uint8Array[]
  readonly types: number
  readonly functions: number
  readonly importedGlobals: number
}

/** Adds the watch, if the module grows its memory at all. Changes `sections` in place. @throws ModuleFault */
export const watchGrowth = ({ sections, bodies, types, functions, importedGlobals }: ModuleParts): void => {
  const functionSection = sections.get(sectionId.function)
  const typeSection = sections.get(sectionId.type)
  if (functionSection === undefined || typeSection === undefined) return
  const rewritten = bodies.map((body) => replaceGrow(body, functions))
  if (rewritten.every((body, index) => body === bodies[index])) return
  const globals = sections.get(sectionId.global) ?? Uint8Array.of(0)
  const denied = importedGlobals + new Reader(globals).u32('the number of globals')

  sections.set(sectionId.type, append(typeSection, Uint8Array.of(0x60, 1, 0x7f, 1, 0x7f)))
  sections.set(sectionId.function, append(functionSection, new Writer().u32(types).join()))
  sections.set(sectionId.global, append(globals, Uint8Array.of(0x7f, 1, 0x41, 0, 0x0b)))
  const name = Uint8Array.from(growDeniedExport, (character) => character.charCodeAt(0))
  const entry = new Writer().u32(name.length).raw(name).byte(3).u32(denied).join()
  sections.set(sectionId.export, append(sections.get(sectionId.export) ?? Uint8Array.of(0), entry))
  const out = new Writer().u32(bodies.length + 1)
  for (const body of [...rewritten, growBody(denied)]) out.u32(body.length).raw(body)
  sections.set(sectionId.code, out.join())
}

/** `(param i32) (result i32) (local i32)`: grow, note -1, give the result back. */
const growBody = (denied: number): Uint8Array =>
  new Writer()
    .byte(1, 1, 0x7f) // one local of type i32
    .byte(0x20, 0, memoryGrow, 0, 0x22, 1) // local.get 0, memory.grow, local.tee 1
    .byte(0x41, 0x7f, 0x46, 0x04, 0x40, 0x41, 1, 0x24) // i32.const -1, i32.eq, if, i32.const 1, global.set …
    .u32(denied)
    .byte(0x0b, 0x20, 1, 0x0b) // end, local.get 1, end
    .join()

/** Appends one entry to a section body that starts with a count. */
const append = (body: Uint8Array, entry: Uint8Array): Uint8Array => {
  const reader = new Reader(body)
  const count = reader.u32('the number of entries')
  return new Writer()
    .u32(count + 1)
    .raw(body.subarray(reader.at))
    .raw(entry)
    .join()
}

/** The bodies of a code section. @throws ModuleFault */
export const readBodies = (code: Uint8Array): Uint8Array[] => {
  const reader = new Reader(code)
  const count = reader.count('function bodies', code.length)
  const bodies = Array.from({ length: count }, () => {
    const body = reader.within(reader.u32('the length of a function'), 'a function')
    return code.subarray(body.at, body.end)
  })
  if (!reader.done) throw invalid('the code section is longer than what it holds')
  return bodies
}

/** Whether the bytes could hold `memory.grow`; most functions cannot, and need not be taken apart. */
const mayGrow = (body: Uint8Array): boolean => {
  for (let at = body.indexOf(memoryGrow); at >= 0; at = body.indexOf(memoryGrow, at + 1)) {
    const next = body[at + 1]
    if (next === 0 || (next !== undefined && next >= 0x80)) return true
  }
  return false
}

/** Replaces each `memory.grow` by a call; answers the same array when there is none. */
const replaceGrow = (body: Uint8Array, callee: number): Uint8Array => {
  if (!mayGrow(body)) return body
  const reader = new Reader(body)
  const groups = reader.count('groups of locals', body.length)
  for (let index = 0; index < groups; index++) {
    reader.u32('the number of locals')
    skipValueType(reader, 'the type of a local')
  }
  const out = new Writer()
  let copied = 0
  while (!reader.done) {
    const start = reader.at
    const opcode = reader.byte('an instruction')
    skipOperands(opcode, reader)
    if (opcode !== memoryGrow) continue
    out.raw(body.subarray(copied, start)).byte(0x10).u32(callee)
    copied = reader.at
  }
  if (copied === 0) return body
  return out.raw(body.subarray(copied)).join()
}
