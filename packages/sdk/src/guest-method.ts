// Methods of the `host` object from rows of the guest API table. They only arrange arguments and answers: what is wrong
// with them the host says.

import type { GuestMethod } from './guest-api.ts'

/** One host call. */
export type Call = <T>(name: string, input?: unknown) => Promise<T>

type Members = Readonly<Record<string, unknown>>

/** The area's methods by their JavaScript names. */
export const makeArea = (rows: readonly GuestMethod[], call: Call): Record<string, unknown> =>
  Object.fromEntries(rows.map((row) => [camelCase(row.name), makeMethod(row, call)]))

/** `read_text` and `orders.find` as JavaScript spells them. */
export const camelCase = (name: string): string =>
  name.replace(/[._]([a-z0-9])/g, (_whole, letter: string) => letter.toUpperCase())

const makeMethod = (row: GuestMethod, call: Call) => {
  const { calls, positional, options, fixed, result } = row
  const fields = positional.map((name) => (name.endsWith('?') ? name.slice(0, -1) : name))
  const texts = new Set(row.bytes)
  const inputOf = (given: readonly unknown[]): Members => {
    const input: Record<string, unknown> = options ? { ...(given[fields.length] as Members | undefined) } : {}
    fields.forEach((name, at) => {
      if (given[at] !== undefined) input[name] = given[at]
    })
    for (const name of texts) {
      if (typeof input[name] === 'string') input[name] = new TextEncoder().encode(input[name])
    }
    return { ...input, ...fixed }
  }
  if (result === 'whole') return (...given: readonly unknown[]) => call(calls, inputOf(given))
  if (result === 'nothing') {
    return async (...given: readonly unknown[]): Promise<void> => {
      await call(calls, inputOf(given))
    }
  }
  const { field, unless } = result
  return async (...given: readonly unknown[]): Promise<unknown> => {
    const output = await call<Members>(calls, inputOf(given))
    const isThere = unless === undefined || (output[unless] !== false && output[unless] !== null)
    return isThere ? output[field] : undefined
  }
}
