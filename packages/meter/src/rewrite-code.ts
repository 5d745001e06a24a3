// Rewrites function bodies: one pass over the instructions, in which whole stretches are copied and only what refers to a
// moved index, may run long, or begins a loop is written anew. An instruction that is not known here is refused.

import type { Appended } from './appended.ts'
import { feature, invalid } from './fault.ts'
import { skipOperands } from './instructions.ts'
import type { Layout } from './layout.ts'
import { stateBits } from './names.ts'
import { Output } from './output.ts'
import { Reader } from './reader.ts'
import { skipValueType } from './value-types.ts'

const what = 'an instruction'

/** What is done with an opcode. Everything not named here has its operands skipped and is copied. */
const actions = {
  skip: 0,
  function: 1,
  global: 2,
  loop: 3,
  end: 4,
  memory: 5,
  grow: 6,
  size: 7,
  table: 8,
  bulk: 9,
  vector: 10,
  atomic: 11,
  block: 12,
  /** No operands. */
  plain: 13,
  /** One number of any kind in LEB128. */
  number: 14,
} as const

const actionOf = new Uint8Array(256)
for (let opcode = 0x45; opcode <= 0xc4; opcode++) actionOf[opcode] = actions.plain
for (const opcode of [0x00, 0x01, 0x05, 0x0a, 0x0f, 0x19, 0x1a, 0x1b, 0xd1, 0xd4]) actionOf[opcode] = actions.plain
for (const opcode of [0x0c, 0x0d, 0x20, 0x21, 0x22, 0x41, 0x42]) actionOf[opcode] = actions.number
for (const opcode of [0x10, 0x12, 0xd2]) actionOf[opcode] = actions.function
for (const opcode of [0x23, 0x24]) actionOf[opcode] = actions.global
for (let opcode = 0x28; opcode <= 0x3e; opcode++) actionOf[opcode] = actions.memory
for (const opcode of [0x02, 0x04, 0x06, 0x1f]) actionOf[opcode] = actions.block
actionOf[0x03] = actions.loop
actionOf[0x0b] = actions.end
actionOf[0x18] = actions.end
actionOf[0x3f] = actions.size
actionOf[0x40] = actions.grow
actionOf[0x26] = actions.table
actionOf[0xfc] = actions.bulk
actionOf[0xfd] = actions.vector
actionOf[0xfe] = actions.atomic

/** Deepest nesting of blocks in one function. */
const deepest = 10_000
/** Most locals of one function, as V8 has it. */
const mostLocals = 50_000

/** One stretch of code that is paid for at once. */
interface Region {
  readonly hole: number
  price: number
  /** Depth of the block that it is the body of. */
  readonly depth: number
}

/** What bodies are rewritten with. */
export interface CodeParts {
  readonly layout: Layout
  readonly appended: Appended
  readonly fuel: boolean
}

/** All bodies, each with its length. */
export interface RewrittenCode {
  readonly bytes: Uint8Array
  /** How the module writes exception handling; V8 refuses a module that mixes the two. */
  readonly exceptions: 'legacy' | 'standard'
  /** For each body, offsets of branches that are hardly ever taken. */
  readonly hints: readonly (readonly number[])[]
}

/** Rewrites all bodies of a module, in their order. @throws ModuleFault */
export const rewriteCode = (bodies: readonly Uint8Array[], parts: CodeParts): RewrittenCode => {
  const total = bodies.reduce((sum, body) => sum + body.length, 0)
  const out = new Output(Math.ceil(total * 1.4) + 1024)
  let exceptions: RewrittenCode['exceptions'] = 'standard'
  const hints: (readonly number[])[] = []
  for (const body of bodies) {
    const length = out.hole()
    const start = out.at
    parts.appended.unlikely = []
    if (rewriteBody(body, out, parts)) exceptions = 'legacy'
    out.patch(length, out.at - start)
    hints.push(parts.appended.unlikely.map((at) => at - start))
  }
  return { bytes: out.bytes.subarray(0, out.at), exceptions, hints }
}

/** Writes one body, without its length; answers whether it uses the legacy encoding of exceptions. @throws ModuleFault */
const rewriteBody = (body: Uint8Array, out: Output, parts: CodeParts): boolean => {
  const { layout, appended, fuel } = parts
  const reader = new Reader(body)
  let locals = 0
  const groups = reader.count('groups of locals', body.length)
  for (let index = 0; index < groups; index++) {
    locals += reader.u32('the number of locals')
    skipValueType(reader, 'the type of a local')
  }
  if (locals > mostLocals) throw feature(`a function has ${locals} locals; at most ${mostLocals} are taken`)
  out.copy(body, 0, reader.at)
  const regions: Region[] = []
  const enter = (depth: number): void => {
    if (fuel) regions.push({ hole: appended.checkAndPay(out), price: 0, depth })
    else appended.check(out)
  }
  enter(0)
  let isLegacy = false
  let depth = 1
  let copied = reader.at
  const flush = (until: number): void => out.copy(body, copied, until)
  while (reader.at < body.length) {
    const start = reader.at
    const opcode = body[reader.at++] as number
    if (fuel) (regions[regions.length - 1] as Region).price++
    switch (actionOf[opcode]) {
      case actions.plain:
        break
      case actions.number:
        // Its length is the engine's to judge; one that runs out of the body is noticed at the end.
        while ((body[reader.at++] as number) >= 0x80);
        break
      case actions.function: {
        const index = layout.function(reader.u32(what))
        flush(start + 1)
        out.u32(index)
        copied = reader.at
        break
      }
      case actions.global: {
        const index = layout.global(reader.u32(what))
        flush(start + 1)
        out.u32(index)
        copied = reader.at
        break
      }
      case actions.block:
        if (opcode === 0x06) isLegacy = true
        skipOperands(opcode, reader)
        depth = deeper(depth)
        break
      case actions.loop:
        skipOperands(opcode, reader)
        flush(reader.at)
        copied = reader.at
        enter(depth)
        depth = deeper(depth)
        break
      case actions.end:
        if (opcode === 0x18) skipOperands(opcode, reader)
        depth--
        if (fuel && regions.length > 0 && regions[regions.length - 1]?.depth === depth) pay(out, regions.pop() as Region)
        if (depth === 0 && reader.at !== body.length) throw invalid('a function goes on after its end')
        break
      case actions.memory:
        skipMemoryArgument(reader, layout)
        break
      case actions.size:
        layout.memory(reader.u32(what))
        break
      case actions.grow: {
        const memory = layout.memory(reader.u32(what))
        flush(start)
        call(out, appended.memoryGrow(memory))
        copied = reader.at
        break
      }
      case actions.table:
        reader.u32(what)
        flush(start)
        appended.markState(out, stateBits.lastingChange)
        copied = start
        break
      case actions.bulk:
        copied = rewriteBulk(reader, { out, layout, appended, start, flush, copied })
        break
      case actions.vector:
        checkVector(reader, layout)
        break
      case actions.atomic:
        checkAtomic(reader, layout)
        break
      default:
        skipOperands(opcode, reader)
    }
  }
  if (depth !== 0 || reader.at !== body.length) throw invalid('a function has no end')
  flush(body.length)
  return isLegacy
}

const deeper = (depth: number): number => {
  if (depth === deepest) throw feature(`a function nests blocks more than ${deepest} deep`)
  return depth + 1
}

const call = (out: Output, index: number): void => {
  out.byte(0x10)
  out.u32(index)
}

const pay = (out: Output, { hole, price }: Region): void => out.patch(hole, price)

/** Memory 0 must exist as well: otherwise it would be the meter's. */
const skipMemoryArgument = (reader: Reader, layout: Layout): void => {
  const { bytes } = reader
  if ((bytes[reader.at] as number) < 0x40 && (bytes[reader.at + 1] as number) < 0x80 && layout.counts.memories > 0) {
    reader.at += 2
    return
  }
  if (reader.u32(what) & 0x40) {
    layout.memory(reader.u32(what))
    skipOffset(reader)
    return
  }
  layout.memory(0)
  skipOffset(reader)
}

/** Up to 64 bits wide, for memories with 64-bit addresses. */
const skipOffset = (reader: Reader): void => {
  for (let count = 0; count < 10; count++) if (reader.byte(what) < 0x80) return
  throw invalid('an offset is a number that is too long')
}

/** Bulk operations and their like. Answers up to where the body is dealt with. */
const rewriteBulk = (
  reader: Reader,
  place: {
    readonly out: Output
    readonly layout: Layout
    readonly appended: Appended
    readonly start: number
    readonly copied: number
    flush(until: number): void
  },
): number => {
  const { out, layout, appended, start, flush } = place
  const code = reader.u32(what)
  switch (code) {
    case 8: // memory.init
      reader.u32(what)
      layout.memory(reader.u32(what))
      return place.copied
    case 10: {
      const to = layout.memory(reader.u32(what))
      const from = layout.memory(reader.u32(what))
      flush(start)
      call(out, appended.memoryCopy(to, from))
      return reader.at
    }
    case 11: {
      const memory = layout.memory(reader.u32(what))
      flush(start)
      call(out, appended.memoryFill(memory))
      return reader.at
    }
    case 9: // data.drop, table.init, elem.drop, table.copy, table.grow, table.fill
    case 12:
    case 13:
    case 14:
    case 15:
    case 17:
      reader.u32(what)
      if (code === 12 || code === 14) reader.u32(what)
      flush(start)
      appended.markState(out, stateBits.lastingChange)
      return start
    case 16: // table.size
      reader.u32(what)
      return place.copied
    default:
      // Conversions and sums of 128 bits.
      if (code <= 7 || (code >= 19 && code <= 22)) return place.copied
      throw feature(`the module uses an instruction that is not known (0xfc ${code})`)
  }
}

const checkVector = (reader: Reader, layout: Layout): void => {
  const start = reader.at
  const code = reader.u32(what)
  if (code <= 11 || code === 92 || code === 93) skipMemoryArgument(reader, layout)
  else if (code >= 84 && code <= 91) {
    skipMemoryArgument(reader, layout)
    reader.skip(1, what)
  } else {
    reader.at = start
    skipOperands(0xfd, reader)
  }
}

const checkAtomic = (reader: Reader, layout: Layout): void => {
  const code = reader.u32(what)
  if (code === 3) reader.skip(1, what)
  else if (code <= 0x4e) skipMemoryArgument(reader, layout)
  else throw feature(`the module uses an instruction that is not known (0xfe ${code})`)
}
