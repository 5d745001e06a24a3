// Rewrites the code section: each body's locals, the body itself, and the hints that go with it.

import type { Appended, ExceptionEncoding } from './appended.ts'
import { Accounts } from './callers-pay.ts'
import { Checks } from './checks.ts'
import { checkCompileCost } from './compile-cost.ts'
import { BulkFunctions, type Addressed } from './bulk-functions.ts'
import { Cursor } from './cursor.ts'
import { feature, invalid } from './fault.ts'
import type { Features, Fuel } from './features.ts'
import { Flow, mostCounters } from './flow.ts'
import { GivenHints, Hints } from './hints.ts'
import { Labels } from './labels.ts'
import { OperandRewriter } from './operand-rewriter.ts'
import { Output } from './output.ts'
import { Payers } from './payers.ts'
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
  /** By function, whether its callers pay for it. */
  readonly paidByCallers: Uint8Array
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
  bodies.settle()
  if (bodies.mixesEncodings) throw feature('the module mixes the legacy and the standard encoding of exceptions')
  return { bytes: out.bytes.subarray(0, out.at), hints, exceptions: bodies.exceptions }
}

class Bodies {
  readonly #code: Reader
  readonly #out: Output
  readonly #parts: CodeParts
  readonly #body: BodyParts
  readonly #accounts: Accounts
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
    const bulk = new BulkFunctions(appended, { memories, tables })
    const typeEffects = Int32Array.from(types, (type) => {
      const { parameters, results } = arityOf(type)
      return results - parameters
    })
    const met = { exceptions: false, legacy: false }
    const accounts = new Accounts(parts.paidByCallers)
    const payers = new Payers({ cursor, labels, checks, accounts })
    this.#accounts = accounts
    this.#body = {
      met,
      cursor,
      labels,
      checks,
      flow: new Flow({ cursor, labels, checks, fuel, payers }),
      payers,
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
    const { layout, given } = this.#body
    const { types, functions } = this.#parts
    const code = this.#code
    const bytes = code.u32('the length of a function')
    if (bytes > mostBodyBytes)
      throw feature(`function ${index} is ${bytes} bytes long; at most ${mostBodyBytes} are taken`)
    const body = code.within(bytes, 'a function')
    const type = types[functions[index] ?? -1]
    if (type?.form !== 'function') throw invalid(`function ${index} has a type that is none of a function`)
    given.begin(index)
    const hole = this.#out.hole()
    const start = this.#out.at
    const { mark } = this.#accounts
    this.#body.hints.begin(layout.function(index))
    if (!this.#write(body, { index, type, isWrapped: false })) {
      this.#out.at = start
      this.#accounts.rewind(mark)
      this.#body.hints.again()
      given.again()
      body.at = this.#body.cursor.start
      this.#write(body, { index, type, isWrapped: true })
    }
    this.#body.hints.end()
    const written = this.#out.at - start
    if (written > mostBodyBytes) {
      throw feature(
        `function ${index} becomes ${written} bytes long when it is rewritten; at most ${mostBodyBytes} are taken`,
      )
    }
    this.#out.patch(hole, written)
    if (this.#body.fuel) this.#body.payers.end(index)
  }

  /** Fills in what can be known only when all bodies are. */
  settle(): void {
    this.#accounts.settle(this.#out)
  }

  /** Writes a body; false when it must be written again, wrapped. */
  #write(body: Reader, { index, type, isWrapped }: { index: number; type: FunctionType; isWrapped: boolean }): boolean {
    const { cursor, checks, flow } = this.#body
    const { appended } = this.#parts
    const out = this.#out
    cursor.start = body.at
    cursor.end = body.end
    checks.bodyStart = out.at
    const { locals, hole } = this.#writeLocals(body, index)
    cursor.at = body.at
    cursor.copied = body.at
    const isDone = rewriteBody(this.#body, {
      locals: type.parameters + locals,
      parameters: type.parameters,
      results: type.results,
      wrapper: isWrapped ? appended.blockType(type, body.bytes) : undefined,
      isPaid: this.#accounts.isPaid(index),
    })
    if (!isDone) return false
    checkCompileCost(flow, { index, locals: type.parameters + locals })
    out.patch(hole, flow.counters, 1)
    return true
  }

  /** Copies the declarations of locals and adds a group for the counters, whose number comes later. */
  #writeLocals(body: Reader, index: number): { locals: number; hole: number } {
    const { features } = this.#parts
    const { layout, met } = this.#body
    const context = { features, types: layout.counts.types, met }
    const groups = body.count('groups of locals', body.end)
    const start = body.at
    let locals = 0
    for (let group = 0; group < groups; group++) {
      locals += body.u32('the number of locals')
      skipValueType(body, 'the type of a local', context)
    }
    if (locals > mostLocals) throw feature(`function ${index} has ${locals} locals; at most ${mostLocals} are taken`)
    this.#locals += locals
    if (this.#locals > mostLocalsOfAll) {
      throw feature(`the functions have more than ${mostLocalsOfAll} locals; their compilation would take too long`)
    }
    const out = this.#out
    out.u32(groups + 1)
    out.copy(body.bytes, start, body.at)
    const hole = out.hole(1)
    out.byte(valueTypes.i32)
    return { locals, hole }
  }
}
