// kv.get_many and kv.set_many: several keys at one moment.

import { type AnyHostFunction, BulkheadError, defineHostFunction } from '@bulkhead/kernel'
import { z } from 'zod'
import {
  callerOf,
  jsonValue,
  keepExpiry,
  key,
  maxValueLength,
  namespaceOf,
  needs,
  note,
  payerOf,
  present,
  scope,
  sizedValue,
  ttlMs,
  version,
} from './fields.ts'
import type { KvStore } from './store.ts'

/** Most keys of one call. */
const maxKeys = 100

const write = z.strictObject({
  key,
  value: jsonValue,
  ttlMs,
  keepExpiry,
  ifVersion: version.optional().describe('Only if the key has this version; 0: only if it is absent.'),
})
const distinct = (keys: readonly string[]): boolean => new Set(keys).size === keys.length

/** Functions on several keys. */
export const makeManyFunctions = (store: KvStore): AnyHostFunction[] => [
  defineHostFunction({
    name: 'kv.get_many',
    description: 'Reads several keys as they are at one moment, and answers in the order of the keys.',
    input: z.strictObject({ keys: z.array(key).min(1).max(maxKeys), scope }),
    output: z.object({
      entries: z.array(z.object({ key: z.string(), found: z.boolean(), value: jsonValue, version })),
    }),
    needs,
    risk: 'read-only',
    run: async ({ input }, { call, signal }) => {
      const found = await store.getMany(namespaceOf(input.scope, call), input.keys, {
        ...callerOf(call, signal),
        maxLength: maxValueLength,
      })
      return {
        entries: input.keys.map((name, at) => {
          const entry = found[at] ?? { value: null, version: 0 }
          return { key: name, found: found[at] !== undefined, ...entry }
        }),
      }
    },
  }),
  defineHostFunction({
    name: 'kv.set_many',
    description:
      'Writes several keys, all of them or none. When a key does not have its `ifVersion`, none is written, and the answer names it with the version that it has.',
    input: z.strictObject({
      entries: z
        .array(write)
        .min(1)
        .max(maxKeys)
        .refine((entries) => distinct(entries.map((entry) => entry.key)), 'names a key twice'),
      scope,
    }),
    output: z.object({
      written: z.boolean(),
      versions: z.array(version).describe('In the order of the entries; empty when nothing was written.'),
      conflict: z.object({ key: z.string(), version }).optional(),
    }),
    needs,
    risk: 'write',
    run: async ({ input }, { call, signal }) => {
      let length = 0
      const writes = input.entries.map(({ ttlMs: ttl, keepExpiry: keep, ifVersion, ...entry }) => {
        length += JSON.stringify(sizedValue(entry.value, entry.key)).length
        return { ...entry, ...present({ ttlMs: ttl, keepExpiry: keep, ifVersion }) }
      })
      if (length > maxValueLength) {
        throw new BulkheadError('input.too-large', `the values are ${length} characters of JSON together`, {
          hint: `Write at most ${maxValueLength} characters in one call.`,
        })
      }
      const done = await store.setMany(namespaceOf(input.scope, call), writes, payerOf(call, signal))
      if (!done.written) return { written: false, versions: [], conflict: { key: done.key, version: done.version } }
      note(call, done.usedBytes)
      return { written: true, versions: [...done.versions] }
    },
  }),
]
