// Rewrites what stands outside of function bodies and refers to functions or globals: constant expressions, element
// segments, the offsets of data segments.

import { skipConstExpression } from './const-expression.ts'
import { invalid } from './fault.ts'
import type { Layout } from './layout.ts'
import type { Output } from './output.ts'
import { Reader } from './reader.ts'
import { skipReferenceType } from './value-types.ts'

const mostSegments = 100_000
const mostElements = 10_000_000

/** Writes one constant expression, `end` included. @throws ModuleFault */
export const rewriteConstExpression = (reader: Reader, out: Output, layout: Layout): void => {
  const start = reader.at
  skipConstExpression(reader)
  const end = reader.at
  // Most have one instruction; those without references are copied.
  const again = new Reader(reader.bytes, start, end)
  let copied = start
  while (again.at < end) {
    const at = again.at
    const opcode = again.byte('a constant expression')
    if (opcode === 0x23 || opcode === 0xd2) {
      const index = again.u32('an index')
      out.copy(reader.bytes, copied, at + 1)
      out.u32(opcode === 0x23 ? layout.global(index) : layout.function(index))
      copied = again.at
    } else skipConstant(opcode, again)
  }
  out.copy(reader.bytes, copied, end)
}

const skipConstant = (opcode: number, reader: Reader): void => {
  const what = 'a constant expression'
  if (opcode === 0x41) reader.skipSigned(32, what)
  else if (opcode === 0x42) reader.skipSigned(64, what)
  else if (opcode === 0x43) reader.skip(4, what)
  else if (opcode === 0x44) reader.skip(8, what)
  else if (opcode === 0xd0) reader.skipSigned(33, what)
  else if (opcode === 0xfd) {
    reader.u32(what)
    reader.skip(16, what)
  }
}

/** Writes the body of the element section (5.5.12). @throws ModuleFault */
export const rewriteElements = (reader: Reader, out: Output, layout: Layout): void => {
  const count = reader.count('element segments', mostSegments)
  out.u32(count)
  for (let segment = 0; segment < count; segment++) {
    const start = reader.at
    const flags = reader.u32('an element segment')
    if (flags > 7) throw invalid('an element segment has unknown flags')
    const isActive = (flags & 1) === 0
    if (isActive && (flags & 2) !== 0) reader.u32('the table of an element segment')
    out.copy(reader.bytes, start, reader.at)
    if (isActive) rewriteConstExpression(reader, out, layout)
    const typeStart = reader.at
    const holdsExpressions = (flags & 4) !== 0
    if ((flags & 3) !== 0) {
      if (holdsExpressions) skipReferenceType(reader, 'table', 'the type of an element segment')
      else if (reader.byte('an element segment') !== 0) throw invalid('an element segment is of an unknown kind')
    }
    out.copy(reader.bytes, typeStart, reader.at)
    const elements = reader.count('elements', mostElements)
    out.u32(elements)
    for (let index = 0; index < elements; index++) {
      if (holdsExpressions) rewriteConstExpression(reader, out, layout)
      else out.u32(layout.function(reader.u32('an element')))
    }
  }
  if (!reader.done) throw invalid('the element section is longer than what it holds')
}

/** Writes the body of the data section (5.5.14). @throws ModuleFault */
export const rewriteData = (reader: Reader, out: Output, layout: Layout): void => {
  const count = reader.count('data segments', mostSegments)
  out.u32(count)
  for (let segment = 0; segment < count; segment++) {
    const start = reader.at
    const flags = reader.u32('a data segment')
    if (flags > 2) throw invalid('a data segment has unknown flags')
    if (flags === 2) layout.memory(reader.u32('the memory of a data segment'))
    else if (flags === 0) layout.memory(0)
    out.copy(reader.bytes, start, reader.at)
    if (flags !== 1) rewriteConstExpression(reader, out, layout)
    const bytesStart = reader.at
    reader.skip(reader.u32('the length of a data segment'), 'a data segment')
    out.copy(reader.bytes, bytesStart, reader.at)
  }
  if (!reader.done) throw invalid('the data section is longer than what it holds')
}
