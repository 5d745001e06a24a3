// The name section, so that traps show the functions' own names. Only the names of the module and of functions are kept:
// nothing shows the others, and their indexes may have moved. What is malformed is left out, as engines do.

import { ModuleFault } from './fault.ts'
import type { Layout } from './layout.ts'
import { Output } from './output.ts'
import { Reader } from './reader.ts'

const moduleName = 0
const functionNames = 1
const mostNames = 500_000

/** The content of the new section, its name included; undefined when there is nothing to keep. */
export const rewriteNames = (reader: Reader, layout: Layout): Uint8Array | undefined => {
  try {
    return rewrite(reader, layout)
  } catch (thrown) {
    if (thrown instanceof ModuleFault) return undefined
    throw thrown
  }
}

const rewrite = (reader: Reader, layout: Layout): Uint8Array => {
  const out = new Output(reader.end - reader.at + 64)
  out.raw([4, 0x6e, 0x61, 0x6d, 0x65]) // "name"
  while (!reader.done) {
    const id = reader.byte('a subsection')
    const body = reader.within(reader.u32('the length of a subsection'), 'a subsection')
    if (id === moduleName) {
      out.byte(id)
      out.u32(body.end - body.at)
      out.copy(body.bytes, body.at, body.end)
    } else if (id === functionNames) {
      const names = namesOf(body, layout)
      out.byte(id)
      out.u32(names.at)
      out.copy(names.bytes, 0, names.at)
    }
  }
  return out.taken()
}

/** Names must be in the order of their indexes: functions of the module's own come before the wrappers of imports. */
const namesOf = (body: Reader, layout: Layout): Output => {
  const own: { index: number; start: number; end: number }[] = []
  const imported: typeof own = []
  const count = body.count('names', mostNames)
  for (let entry = 0; entry < count; entry++) {
    const index = body.u32('the index of a name')
    const start = body.at
    body.skip(body.u32('the length of a name'), 'a name')
    const list = index < layout.counts.importedFunctions ? imported : own
    list.push({ index: layout.function(index), start, end: body.at })
  }
  const out = new Output(body.end)
  out.u32(count)
  for (const { index, start, end } of [...own, ...imported]) {
    out.u32(index)
    out.copy(body.bytes, start, end)
  }
  return out
}
