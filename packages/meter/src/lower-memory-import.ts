// Lowers the minimum that a module declares for the memory it imports. For our own interpreters, whose builds ask for
// more than they touch: every fresh copy would cost its whole minimum.

import { invalid } from './fault.ts'
import { Reader } from './reader.ts'

const importSection = 2

/**
 * A copy of the module whose imported memory may be as small as `minPages`. The module must be known to run in so few:
 * its data and stack lie within. The length stays the same (LEB128 may be padded).
 * @throws ModuleFault when the module has no such import, or declares less already
 */
export const lowerMemoryImport = (bytes: Uint8Array, minPages: number): Uint8Array => {
  const reader = new Reader(bytes, 8)
  while (!reader.done) {
    const id = reader.byte('a section')
    const length = reader.u32('the length of a section')
    if (id !== importSection) {
      reader.skip(length, 'a section')
      continue
    }
    const count = reader.count('imports', 10_000)
    for (let index = 0; index < count; index++) {
      reader.name('the module of an import')
      reader.name('the name of an import')
      const kind = reader.byte('an import')
      if (kind === 2) return patched(bytes, reader, minPages)
      if (kind !== 0) throw invalid('the memory must be imported before anything but functions')
      reader.u32('the type of an imported function')
    }
    break
  }
  throw invalid('the module imports no memory')
}

const patched = (bytes: Uint8Array, reader: Reader, minPages: number): Uint8Array => {
  reader.byte('the limits of a memory')
  const start = reader.at
  const declared = reader.u32('the minimum of a memory')
  if (declared < minPages) throw invalid(`the module already runs in ${declared} pages`)
  const copy = Uint8Array.from(bytes)
  let rest = minPages
  for (let at = start; at < reader.at; at++) {
    copy[at] = (rest & 0x7f) | (at + 1 < reader.at ? 0x80 : 0)
    rest >>>= 7
  }
  return copy
}
