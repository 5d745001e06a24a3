// Rewrites the code section: each body's locals, the body itself, and the hints that go with it.

import type { Appended, ExceptionEncoding } from './appended.ts'
import { Checks } from './checks.ts'
import { checkNotedValues } from './compile-cost.ts'
import { BulkFunctions, type Addressed } from './bulk-functions.ts'
import { Cursor } from './cursor.ts'
import { feature, invalid } from './fault.ts'
import type { Features, Fuel } from './features.ts'
import { Flow, mostCounters } from './flow.ts'
import { GivenHints, Hints } from './hints.ts'
import { Labels } from './labels.ts'
import { OperandRewriter } from './operand-rewriter.ts'
import { Output } from './output.ts'
import { Reader } from './reader.ts'
import type { BodyParts } from './body-parts.ts'
import { rewriteBody } from './rewrite-body.ts'
import type { SegmentSizes } from './segment-sizes.ts'
import { arityOf, type FunctionType, type TypeEntry } from './type-section.ts'
import { skipValueType, valueTypes } from './value-types.ts'

/** Most locals of one function: as V8 has it, less those that are added. */
const mostLocals = 50_000 - mostCounters
/** Most locals of all functions together: each is set to zero by code of its own. */
const mostLocalsOfAll = 5_000_000
/** Most bytes that come before a function's code beside its own locals: numbers, a group of locals, the price. */
const mostPrefixBytes = 64
/** Most bytes of one body, as V8 has it. */
const mostBodyBytes = 7_654_321

/** What code is rewritten with. */
export interface CodeParts {
  readonly appended: Appended
  readonly fuel: Fuel
  readonly features: Features
  readonly types: readonly TypeEntry[]
  /** Type index of each function, imported ones first. */
  readonly functions: readonly number[]
  readonly memories: readonly Addressed[]
  readonly tables: readonly Addressed[]
  readonly segments: SegmentSizes
  /** Content of the guest's section of branch hints. */
  readonly hints: Reader | undefined
}

/** All bodies, each with its length. */
export interface RewrittenCode {
  readonly bytes: Uint8Array
  readonly hints: Hints
  readonly exceptions: ExceptionEncoding
}

/** Rewrites all bodies of the code section, in their order. @throws ModuleFault */
export const rewriteCode = (code: Reader | undefined, parts: CodeParts): RewrittenCode => {
  const { appended } = parts
  const { definedFunctions, importedFunctions } = appended.layout.counts
  const count = code?.count('function bodies', code.end) ?? 0
  if (count !== definedFunctions) {
    throw invalid(`the module declares ${definedFunctions} functions and has ${count} bodies`)
  }
  const length = code === undefined ? 0 : code.end - code.at
  const out = new Output(Math.ceil(length * 1.3) + 1024)
  const hints = new Hints(length)
  if (code === undefined) return { bytes: out.taken(), hints, exceptions: 'legacy' }
  const bodies = new Bodies(code, out, { ...parts, hintsOut: hints })
  for (let index = 0; index < count; index++) bodies.rewrite(importedFunctions + index)
  if (!code.done) throw invalid('the code section is longer than what it holds')
  if (bodies.mixesEncodings) throw feature('the module mixes the legacy and the standard encoding of exceptions')
  return { bytes: out.bytes.subarray(0, out.at), hints, exceptions: bodies.exceptions }
}

class Bodies {
  readonly #code: Reader
  readonly #out: Output
  readonly #parts: CodeParts
  readonly #body: BodyParts
  /** What comes before the code of the function at hand, and that with the body's length. */
  readonly #prefix = new Output(256)
  readonly #whole = new Output(256)
  readonly #prefixChecks: Checks
  #locals = 0

  constructor(code: Reader, out: Output, parts: CodeParts & { readonly hintsOut: Hints }) {
    this.#code = code
    this.#out = out
    this.#parts = parts
    const { appended, features, types, functions, memories, tables, segments } = parts
    const { layout } = appended
    const fuel = parts.fuel !== false
    const cursor = new Cursor(code.bytes, out)
    const labels = new Labels()
    const checks = new Checks(out, layout, { hints: parts.hintsOut, hasFlag: parts.fuel !== 'sliced' })
    this.#prefixChecks = new Checks(this.#prefix, layout)
    const bulk = new BulkFunctions(appended, { memories, tables })
    const typeEffects = Int32Array.from(types, (type) => {
      const { parameters, results } = arityOf(type)
      return results - parameters
    })
    const met = { exceptions: false, legacy: false }
    this.#body = {
      met,
      cursor,
      labels,
      checks,
      flow: new Flow({ cursor, labels, checks, fuel }),
      hints: parts.hintsOut,
      given: new GivenHints(parts.hints),
      layout,
      operands: new OperandRewriter({
        cursor,
        labels,
        checks,
        appended,
        bulk,
        layout,
        features,
        types,
        memories,
        segments,
        met,
      }),
      fuel,
      callEffects: Int32Array.from(functions, (type) => typeEffects[type] ?? 0),
      typeEffects,
    }
  }

  get exceptions(): ExceptionEncoding {
    return this.#body.met.exceptions ? 'standard' : 'legacy'
  }

  /** V8 compiles functions on several threads and notices a mix only within one of them: what it takes now, it may not later. */
  get mixesEncodings(): boolean {
    return this.#body.met.exceptions && this.#body.met.legacy
  }

  rewrite(index: number): void {
    const { layout, given, hints, checks, cursor, flow } = this.#body
    const out = this.#out
    const { body, type } = this.#next(index)
    const start = out.at
    cursor.start = body.at
    cursor.end = body.end
    const declared = this.#readLocals(body, index)
    const locals = type.parameters + declared.count
    // What comes before the code is written after it, when it is known which counters and how much fuel it needs.
    out.hole(declared.end - declared.start + mostPrefixBytes)
    const codeStart = out.at
    checks.codeStart = codeStart
    given.begin(index)
    for (const isWrapped of [false, true]) {
      cursor.at = body.at
      cursor.copied = body.at
      out.at = codeStart
      hints.begin()
      given.again()
      const wrapper = isWrapped ? this.#parts.appended.blockType(type, body.bytes) : undefined
      if (rewriteBody(this.#body, { locals, results: type.results, wrapper })) break
    }
    checkNotedValues(flow.noted, { index, locals })
    const codeOffset = this.#writePrefix(declared)
    const written = codeOffset + out.at - codeStart
    if (written > mostBodyBytes) {
      throw feature(
        `function ${index} becomes ${written} bytes long when it is rewritten; at most ${mostBodyBytes} are taken`,
      )
    }
    this.#whole.at = 0
    this.#whole.u32(written)
    this.#whole.copy(this.#prefix.bytes, 0, codeOffset)
    out.replace(start, codeStart, this.#whole)
    hints.end(layout.function(index), codeOffset)
  }

  #next(index: number): { body: Reader; type: FunctionType } {
    const { types, functions } = this.#parts
    const code = this.#code
    const bytes = code.u32('the length of a function')
    if (bytes > mostBodyBytes) {
      throw feature(`function ${index} is ${bytes} bytes long; at most ${mostBodyBytes} are taken`)
    }
    const type = types[functions[index] ?? -1]
    if (type?.form !== 'function') throw invalid(`function ${index} has a type that is none of a function`)
    return { body: code.within(bytes, 'a function'), type }
  }

  /** Writes what comes before the code: locals, those for counters among them, and the price; answers how long it is. */
  #writePrefix({ groups, start, end }: Locals): number {
    const { flow } = this.#body
    const prefix = this.#prefix
    prefix.at = 0
    prefix.u32(groups + (flow.counters > 0 ? 1 : 0))
    prefix.copy(this.#code.bytes, start, end)
    if (flow.counters > 0) {
      prefix.u32(flow.counters)
      prefix.byte(valueTypes.i32)
    }
    if (this.#body.fuel && flow.units > 0) this.#prefixChecks.pay(flow.units)
    return prefix.at
  }

  #readLocals(body: Reader, index: number): Locals {
    const { features } = this.#parts
    const { layout, met } = this.#body
    const context = { features, types: layout.counts.types, met }
    const groups = body.count('groups of locals', body.end)
    const start = body.at
    let count = 0
    for (let group = 0; group < groups; group++) {
      count += body.u32('the number of locals')
      skipValueType(body, 'the type of a local', context)
    }
    if (count > mostLocals) throw feature(`function ${index} has ${count} locals; at most ${mostLocals} are taken`)
    this.#locals += count
    if (this.#locals > mostLocalsOfAll) {
      throw feature(`the functions have more than ${mostLocalsOfAll} locals; their compilation would take too long`)
    }
    return { groups, start, end: body.at, count }
  }
}

/** Declarations of locals: how many groups, the bytes of these, how many locals. */
interface Locals {
  readonly groups: number
  readonly start: number
  readonly end: number
  readonly count: number
}
