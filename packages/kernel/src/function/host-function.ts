// The declaration of a host function: one place from which types, JSON Schema, guest stubs and docs derive, and
// through which every tier reaches it. See dispatch.ts for the way a call takes.

import { z } from 'zod'
import type { CallContext } from '../call/context.ts'
import type { Capability } from '../capability/capability.ts'
import type { Permit } from '../gate/permit.ts'
import type { Risk } from './risk.ts'
import { decodeBase64 } from '../text/base64.ts'

/** What `run` gets beside the permit. */
export interface RunContext {
  readonly call: CallContext
  /** Aborts when the call, or this host call's own time limit, is over. */
  readonly signal: AbortSignal
  /**
   * Asks the same gate again for capabilities that only became known on the way (a redirect, an address, the real
   * path behind a link). @throws BulkheadError `capability.denied`
   */
  check(capabilities: readonly Capability[]): Promise<void>
  /**
   * Whether the gate would allow it without asking a person. Nothing is recorded: for leaving out of an answer what the
   * plugin may not know of, never for acting.
   */
  allows(capability: Capability): boolean
}

/**
 * An output that is JSON text already, made by trusted code away from the host's loop (a thread of ours) in the shape of the function's
 * `output`: it goes to the guest as it is. A schema that looks at a hundred thousand members, and the writing of them, would hold the loop.
 */
export class WrittenOutput {
  readonly json: string

  constructor(json: string) {
    this.json = json
  }
}

/** A declared host function. Make one with {@link defineHostFunction}. */
export interface HostFunction<Input extends z.ZodType = z.ZodType, Output extends z.ZodType = z.ZodType> {
  /** Dotted, lower case: `http.request`. */
  readonly name: string
  readonly description?: string
  readonly input: Input
  readonly output: Output
  /** Every capability that this very call needs; empty when it needs none. Pure: no I/O. */
  needs(input: z.output<Input>): readonly Capability[]
  readonly risk?: Risk | ((input: z.output<Input>) => Risk)
  /** Acts on the permit. Never sees raw guest input. */
  run(
    permit: Permit<z.output<Input>>,
    context: RunContext,
  ): Promise<z.input<Output> | WrittenOutput> | z.input<Output> | WrittenOutput
}

/** Declares a host function; the schemas give the types of `needs` and `run`. */
export const defineHostFunction = <Input extends z.ZodType, Output extends z.ZodType>(
  declaration: HostFunction<Input, Output>,
): HostFunction<Input, Output> => Object.freeze(declaration)

/** Any host function, as a table holds them. */
// The one place where input types are forgotten on purpose.
// oxlint-disable-next-line typescript/no-explicit-any
export type AnyHostFunction = HostFunction<any, any>

/**
 * A field of bytes: a `Uint8Array` inside, base64 (RFC 4648 section 4) in JSON, raw where the tier can carry bytes.
 * Accepts either form and yields a `Uint8Array`.
 */
export const bytes = (): z.ZodType<Uint8Array, string | Uint8Array> =>
  z
    .union([z.instanceof(Uint8Array), z.base64().transform(decodeBase64)])
    .meta({ type: 'string', contentEncoding: 'base64' }) as z.ZodType<Uint8Array, string | Uint8Array>

/**
 * A record of at most `maxMembers` members, counted before any is looked at: a plain `z.record` checks them all, and a
 * hostile million of them holds up the host for seconds.
 */
export const shortRecord = <Value extends z.ZodType>(
  value: Value,
  maxMembers: number,
): z.ZodType<Record<string, z.output<Value>>> =>
  z.preprocess(
    (given, issues) => {
      if (typeof given !== 'object' || given === null || Object.keys(given).length <= maxMembers) return given
      issues.addIssue({ code: 'custom', message: `has more than ${maxMembers} members` })
      return z.NEVER
    },
    z.record(z.string(), value),
  )
