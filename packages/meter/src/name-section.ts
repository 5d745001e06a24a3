// The name section (appendix 7.4.1 of the core specification), so that traps show the functions' own names: names move with
// the indexes of functions and globals, and the functions that the meter appended get names of its namespace, by which
// frames of the meter's are told from the guest's. What is malformed is left out, as engines do.

import type { AppendedFunction } from './appended.ts'
import { ModuleFault } from './fault.ts'
import type { Layout } from './layout.ts'
import { Output } from './output.ts'
import { Reader } from './reader.ts'

/** Subsections by id. Those that are not named here refer to nothing that moves, or are not known. */
const subsection = { functions: 1, locals: 2, labels: 3, globals: 7, last: 11 } as const

const mostNames = 1_000_000

/** Where a function is after rewriting; -1 where it is no more. */
type Move = (index: number) => number

/** Writes the content of the section, its own name included. */
export const writeNames = (
  given: Reader | undefined,
  out: Output,
  { layout, appended }: { readonly layout: Layout; readonly appended: readonly AppendedFunction[] },
): void => {
  writeText(out, 'name')
  const { importedFunctions } = layout.counts
  const move: Move = (index) =>
    index < importedFunctions ? (layout.imports[index] ?? -1) : (layout.functions[index] ?? -1)
  let functions: Output | undefined
  const others = new Output(256)
  const before = new Output(256)
  const rest = given ?? new Reader(new Uint8Array())
  try {
    while (!rest.done) {
      const id = rest.byte('a subsection')
      const body = rest.within(rest.u32('the length of a subsection'), 'a subsection')
      if (id === subsection.functions) functions = movedNames(body, move)
      else writeSubsection(id, rewritten(id, body, { move, layout }), id < subsection.functions ? before : others)
    }
  } catch (thrown) {
    if (!(thrown instanceof ModuleFault)) throw thrown
  }
  out.copy(before.bytes, 0, before.at)
  writeSubsection(subsection.functions, withAppended(functions, layout, appended), out)
  out.copy(others.bytes, 0, others.at)
}

const rewritten = (id: number, body: Reader, { move, layout }: { move: Move; layout: Layout }): Output | undefined => {
  if (id > subsection.last) return undefined
  if (id === subsection.locals || id === subsection.labels) return movedGroups(body, move)
  if (id === subsection.globals) {
    return movedNames(body, (index) => (index < layout.counts.importedGlobals ? index : index + layout.addedGlobals))
  }
  const out = new Output(body.end - body.at)
  out.copy(body.bytes, body.at, body.end)
  return out
}

const writeSubsection = (id: number, content: Output | undefined, out: Output): void => {
  if (content === undefined) return
  out.byte(id)
  out.u32(content.at)
  out.copy(content.bytes, 0, content.at)
}

/** A map of names. */
const movedNames = (body: Reader, move: Move): Output =>
  movedMap(body, move, () => body.skip(body.u32('the length of a name'), 'a name'))

/** A map of maps of names. */
const movedGroups = (body: Reader, move: Move): Output =>
  movedMap(body, move, () => {
    const count = body.count('names', mostNames)
    for (let entry = 0; entry < count; entry++) {
      body.u32('the index of a name')
      body.skip(body.u32('the length of a name'), 'a name')
    }
  })

const movedMap = (body: Reader, move: Move, skipValue: () => void): Output => {
  const count = body.count('names', mostNames)
  const out = new Output(body.end - body.at + 64)
  const hole = out.hole()
  let kept = 0
  for (let entry = 0; entry < count; entry++) {
    const moved = move(body.u32('the index of a name'))
    const start = body.at
    skipValue()
    if (moved < 0) continue
    out.u32(moved)
    out.copy(body.bytes, start, body.at)
    kept++
  }
  out.patch(hole, kept)
  return out
}

/** Functions' names must be in the order of their indexes: those that were appended come last. */
const withAppended = (given: Output | undefined, layout: Layout, appended: readonly AppendedFunction[]): Output => {
  const countBytes = 5
  const out = new Output((given?.at ?? countBytes) + appended.length * 40)
  const known = given === undefined ? 0 : new Reader(given.bytes, 0, countBytes).u32('the number of names')
  out.hole(countBytes)
  out.patch(0, known + appended.length)
  if (given !== undefined) out.copy(given.bytes, countBytes, given.at)
  for (const [index, { name }] of appended.entries()) {
    out.u32(layout.tick + index)
    writeText(out, name)
  }
  return out
}

/** A name of ours, which is ASCII. */
export const writeText = (out: Output, text: string): void => {
  out.u32(text.length)
  for (let index = 0; index < text.length; index++) out.byte(text.charCodeAt(index))
}
