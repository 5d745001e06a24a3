// Errors in both directions: the host's, as Error objects that the plugin can catch, and whatever escapes from the
// plugin, described as plain data.

import { framesOf } from './frames.ts'

const { stringify, parse } = JSON
const maxText = 16_384
const maxDetailLevels = 24

/** A host error inside the guest. */
class HostError extends Error {
  override readonly name = 'HostError'
  readonly code: string
  readonly hint: string | undefined
  readonly details: unknown
  readonly id: string | undefined

  constructor(wire: { message: string; code: string; hint?: string; details?: unknown; id?: string }) {
    super(wire.message)
    this.code = wire.code
    this.hint = wire.hint
    this.details = wire.details
    this.id = wire.id
  }
}

// By identity, so that an object that merely looks like a host error is not taken for one.
const idOf = new WeakMap<object, string>()

/** Makes the Error for a reply; `stack` is where the plugin made the host call. */
export const makeHostError = (json: string, stack: string | undefined): Error => {
  const wire = parse(json) as ConstructorParameters<typeof HostError>[0]
  const error = new HostError(wire)
  if (wire.id !== undefined) idOf.set(error, wire.id)
  if (stack !== undefined) error.stack = stack
  return error
}

const textOf = (value: unknown): string | undefined => {
  try {
    return typeof value === 'string' ? value.slice(0, maxText) : undefined
  } catch {
    return undefined
  }
}

const read = (of: object, name: string): unknown => {
  try {
    return (of as Record<string, unknown>)[name]
  } catch {
    return undefined
  }
}

/** The host reads no description that is deeper. */
const isShallow = (value: unknown, levels: number): boolean =>
  typeof value !== 'object' ||
  value === null ||
  (levels > 0 && Object.values(value).every((member) => isShallow(member, levels - 1)))

const stackOf = (thrown: object): string | undefined => {
  const stack = read(thrown, 'stack')
  return typeof stack === 'string' ? framesOf(stack).slice(0, maxText) : undefined
}

/**
 * Describes what was thrown, whatever it is, as JSON: name, message, stack, and what the author put in code and details; with what
 * the host object was last asked for and lacks, if anything.
 */
export const describeFailure = (thrown: unknown, missed?: readonly [string, string]): string => {
  if (typeof thrown !== 'object' || thrown === null) {
    let message = 'a value that cannot be shown'
    try {
      message = String(thrown).slice(0, maxText)
    } catch {}
    return stringify({ name: 'thrown value', message })
  }
  const code = read(thrown, 'code')
  const facts = {
    name: textOf(read(thrown, 'name')) ?? 'Error',
    message: textOf(read(thrown, 'message')) ?? '',
    stack: stackOf(thrown),
    hostErrorId: idOf.get(thrown),
    guestCode: typeof code === 'number' ? String(code) : textOf(code),
    missed,
  }
  try {
    const details = stringify(read(thrown, 'details'))
    if (details !== undefined && details.length <= maxText) {
      const guestDetails: unknown = parse(details)
      if (isShallow(guestDetails, maxDetailLevels)) return stringify({ ...facts, guestDetails })
    }
  } catch {}
  return stringify(facts)
}
