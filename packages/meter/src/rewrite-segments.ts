// Rewrites the element and data segments, which refer to functions and globals, and tells how much each holds.

import { type ConstContext, readConstExpression, refFunc, writeConstExpression } from './const-expression.ts'
import { feature, invalid } from './fault.ts'
import type { Layout } from './layout.ts'
import type { Output } from './output.ts'
import type { Reader } from './reader.ts'
import { skipReferenceType } from './value-types.ts'

/**
 * Elements of all segments together: instantiating makes them in one go, which nothing can interrupt, at up to a tenth of a
 * microsecond each, and as often as they are listed.
 */
const most = { segments: 100_000, elements: 300_000 }

/** What segments are written with. */
export interface SegmentParts {
  readonly layout: Layout
  readonly context: ConstContext
}

/** Writes the body of the element section (5.5.12). @throws ModuleFault */
export const writeElements = (reader: Reader, out: Output, { layout, context }: SegmentParts): void => {
  const count = reader.count('element segments', most.segments)
  out.u32(count)
  let all = 0
  const expression = (): void => {
    const start = reader.at
    readConstExpression(reader, context)
    writeConstExpression({ bytes: reader.bytes, start, end: reader.at }, out, { layout, context })
  }
  for (let segment = 0; segment < count; segment++) {
    const start = reader.at
    const flags = readFlags(reader)
    if (flags.hasTable) reader.u32('the table of an element segment')
    out.copy(reader.bytes, start, reader.at)
    if (flags.isActive) expression()
    const typeStart = reader.at
    readElementType(reader, context, flags)
    out.copy(reader.bytes, typeStart, reader.at)
    const elements = reader.count('elements', most.elements)
    all += elements
    if (all > most.elements) throw feature(`the module has more than ${most.elements} elements in its segments`)
    out.u32(elements)
    for (let index = 0; index < elements; index++) {
      if (flags.holdsExpressions) expression()
      else out.u32(layout.function(reader.u32('an element')))
    }
  }
  if (!reader.done) throw invalid('the element section is longer than what it holds')
}

/** Elements of each segment; `reached` is told of each function that is one. @throws ModuleFault */
export const elementCounts = (
  reader: Reader,
  given: ConstContext,
  reached: (functionIndex: number) => void = () => undefined,
): number[] => {
  // What they allocate is counted when they are written.
  const context = { ...given, heap: { bytes: 0 } }
  const onReference = (opcode: number, _at: number, index: number): void => {
    if (opcode === refFunc) reached(index)
  }
  const count = reader.count('element segments', most.segments)
  return Array.from({ length: count }, () => {
    const flags = readFlags(reader)
    if (flags.hasTable) reader.u32('the table of an element segment')
    if (flags.isActive) readConstExpression(reader, context)
    readElementType(reader, context, flags)
    const elements = reader.count('elements', most.elements)
    for (let index = 0; index < elements; index++) {
      if (flags.holdsExpressions) readConstExpression(reader, context, onReference)
      else reached(reader.u32('an element'))
    }
    return elements
  })
}

interface ElementFlags {
  readonly isActive: boolean
  readonly hasTable: boolean
  readonly hasType: boolean
  readonly holdsExpressions: boolean
}

const readFlags = (reader: Reader): ElementFlags => {
  const flags = reader.u32('an element segment')
  if (flags > 7) throw invalid('an element segment has unknown flags')
  const isActive = (flags & 1) === 0
  return {
    isActive,
    hasTable: isActive && (flags & 2) !== 0,
    hasType: (flags & 3) !== 0,
    holdsExpressions: (flags & 4) !== 0,
  }
}

const readElementType = (reader: Reader, { features, types }: ConstContext, flags: ElementFlags): void => {
  if (!flags.hasType) return
  if (flags.holdsExpressions) {
    skipReferenceType(reader, 'the type of an element segment', { features, types: types.length, place: 'table' })
  } else if (reader.byte('an element segment') !== 0) throw invalid('an element segment is of an unknown kind')
}

/** Writes the body of the data section (5.5.14). @throws ModuleFault */
export const writeData = (reader: Reader, out: Output, { layout, context }: SegmentParts): void => {
  const count = reader.count('data segments', most.segments)
  out.u32(count)
  for (let segment = 0; segment < count; segment++) {
    const start = reader.at
    const flags = reader.u32('a data segment')
    if (flags > 2) throw invalid('a data segment has unknown flags')
    if (flags !== 1) layout.memory(flags === 2 ? reader.u32('the memory of a data segment') : 0)
    out.copy(reader.bytes, start, reader.at)
    if (flags !== 1) {
      const offsetStart = reader.at
      readConstExpression(reader, context)
      writeConstExpression({ bytes: reader.bytes, start: offsetStart, end: reader.at }, out, { layout, context })
    }
    const bytesStart = reader.at
    reader.skip(reader.u32('the length of a data segment'), 'a data segment')
    out.copy(reader.bytes, bytesStart, reader.at)
  }
  if (!reader.done) throw invalid('the data section is longer than what it holds')
}

/** Bytes of each data segment. @throws ModuleFault */
export const dataLengths = (reader: Reader, given: ConstContext): number[] => {
  const context = { ...given, heap: { bytes: 0 } }
  const count = reader.count('data segments', most.segments)
  return Array.from({ length: count }, () => {
    const flags = reader.u32('a data segment')
    if (flags === 2) reader.u32('the memory of a data segment')
    if (flags !== 1) readConstExpression(reader, context)
    const length = reader.u32('the length of a data segment')
    reader.skip(length, 'a data segment')
    return length
  })
}
