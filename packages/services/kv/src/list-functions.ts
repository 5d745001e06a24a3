// kv.list, kv.entries and kv.list_keys: what there is.

import { type AnyHostFunction, BulkheadError, defineHostFunction } from '@bulkhead/kernel'
import { z } from 'zod'
import { callerOf, jsonValue, keyText, namespaceOf, needs, present, scope, version } from './fields.ts'
import type { KvListOptions, KvStore } from './store.ts'

const maxListedKeys = 10_000
/** Values of one page of entries, JSON text together, UTF-16 code units. */
const maxPageLength = 1024 * 1024

const cursor = z.string().optional().describe('Present when there is a further page.')
const range = z.strictObject({
  prefix: keyText.default(''),
  limit: z.int().min(1).max(1000).default(100),
  cursor: keyText.optional().describe('As the page before gave it.'),
  scope,
})
type RangeInput = z.output<typeof range>

const optionsOf = (input: RangeInput): Pick<KvListOptions, 'prefix' | 'limit' | 'cursor'> => ({
  prefix: input.prefix,
  limit: input.limit,
  ...present({ cursor: input.cursor }),
})

/** Functions that list. */
export const makeListFunctions = (store: KvStore): AnyHostFunction[] => [
  defineHostFunction({
    name: 'kv.list',
    description: 'Lists keys with a prefix, in byte order, a page at a time. Pass `cursor` back for the next page.',
    input: range,
    output: z.object({ keys: z.array(z.string()), cursor }),
    needs,
    risk: 'read-only',
    run: async ({ input }, { call, signal }) => {
      const options = { ...optionsOf(input), ...callerOf(call, signal) }
      const page = await store.list(namespaceOf(input.scope, call), options)
      return { ...page, keys: [...page.keys] }
    },
  }),
  defineHostFunction({
    name: 'kv.entries',
    description: 'Lists keys with their values, as kv.list does. A page ends early where its values are large.',
    input: range,
    output: z.object({ entries: z.array(z.object({ key: z.string(), value: jsonValue, version })), cursor }),
    needs,
    risk: 'read-only',
    run: async ({ input }, { call, signal }) => {
      const options = { ...optionsOf(input), ...callerOf(call, signal), maxLength: maxPageLength }
      const page = await store.entries(namespaceOf(input.scope, call), options)
      return { ...page, entries: [...page.entries] }
    },
  }),
  defineHostFunction({
    name: 'kv.list_keys',
    description: `Lists all keys at once, as the WIT interface \`storage\` has it; fails above ${maxListedKeys} keys.`,
    input: z.strictObject({ scope }).default({ scope: 'plugin' }),
    output: z.array(z.string()),
    needs,
    risk: 'read-only',
    run: async ({ input }, { call, signal }) => {
      const page = await store.list(namespaceOf(input.scope, call), {
        prefix: '',
        limit: maxListedKeys,
        ...callerOf(call, signal),
      })
      if (page.cursor === undefined) return [...page.keys]
      throw new BulkheadError('limit.output', `the store holds more than ${maxListedKeys} keys`, {
        hint: 'Use kv.list, which gives a page at a time.',
      })
    },
  }),
]
