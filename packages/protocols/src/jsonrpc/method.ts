// A method of the wire is declared once: its name and the two shapes. Whoever calls it and whoever serves it are both
// checked against the same schemas.

import type { Json } from '@bulkhead/kernel'
import { z } from 'zod'

/** A request with its answer. */
export interface RpcMethod<Params extends z.ZodType = z.ZodType, Result extends z.ZodType = z.ZodType> {
  readonly name: string
  readonly params: Params
  readonly result: Result
}

/** A message without an answer. */
export interface RpcNotice<Params extends z.ZodType = z.ZodType> {
  readonly name: string
  readonly params: Params
}

/** Any JSON value, taken as it was parsed: depth and size were capped before. */
export const anyJson = z.custom<Json>((value) => value !== undefined, 'is missing')

/** An array of at most so many, counted before any is looked at: looking at a hostile million holds up the host. */
export const shortArray = <Item extends z.ZodType>(item: Item, maxItems: number): z.ZodType<z.output<Item>[]> =>
  z
    .custom<unknown[]>(
      (value) => Array.isArray(value) && value.length <= maxItems,
      `has to be a list of at most ${maxItems}`,
    )
    .pipe(z.array(item)) as unknown as z.ZodType<z.output<Item>[]>

/** Declares a method. */
export const defineMethod = <Params extends z.ZodType, Result extends z.ZodType>(
  name: string,
  params: Params,
  result: Result,
): RpcMethod<Params, Result> => ({ name, params, result })

/** Declares a notification. */
export const defineNotice = <Params extends z.ZodType>(name: string, params: Params): RpcNotice<Params> => ({
  name,
  params,
})
