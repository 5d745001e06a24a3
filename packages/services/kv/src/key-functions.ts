// kv.get, kv.set, kv.update, kv.increment and kv.delete: one key at a time.

import { type AnyHostFunction, defineHostFunction } from '@bulkhead/kernel'
import { z } from 'zod'
import {
  callerOf,
  jsonValue,
  keepExpiry,
  key,
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

/** Functions on one key. */
export const makeKeyFunctions = (store: KvStore): AnyHostFunction[] => [
  defineHostFunction({
    name: 'kv.get',
    description: 'Reads a key. `found` tells an absent key (value null, version 0) from a stored null.',
    input: z.strictObject({ key, scope }),
    output: z.object({ found: z.boolean(), value: jsonValue, version }),
    needs,
    risk: 'read-only',
    run: async ({ input }, { call, signal }) => {
      const entry = await store.get(namespaceOf(input.scope, call), input.key, callerOf(call, signal))
      return entry === undefined ? { found: false, value: null, version: 0 } : { found: true, ...entry }
    },
  }),
  defineHostFunction({
    name: 'kv.set',
    description:
      'Writes a key, durable once answered. `ttlMs` lets it expire; without it an earlier expiry ends, unless `keepExpiry` is set.',
    input: z.strictObject({ key, value: jsonValue, ttlMs, keepExpiry, scope }),
    output: z.object({ version }),
    needs,
    risk: 'write',
    run: async ({ input }, { call, signal }) => {
      const written = await store.set(namespaceOf(input.scope, call), input.key, sizedValue(input.value, input.key), {
        ...payerOf(call, signal),
        ...present({ ttlMs: input.ttlMs, keepExpiry: input.keepExpiry }),
      })
      note(call, written.usedBytes)
      return { version: written.version }
    },
  }),
  defineHostFunction({
    name: 'kv.update',
    description:
      'Writes a key only if it still has the version that was read (0: only if absent). Says whether it did, and the version now. The key keeps its expiry unless `ttlMs` is given.',
    input: z.strictObject({ key, value: jsonValue, ifVersion: version, ttlMs, scope }),
    output: z.object({ updated: z.boolean(), version }),
    needs,
    risk: 'write',
    run: async ({ input }, { call, signal }) => {
      const written = await store.set(namespaceOf(input.scope, call), input.key, sizedValue(input.value, input.key), {
        ...payerOf(call, signal),
        ...present({ ttlMs: input.ttlMs, ifVersion: input.ifVersion }),
        keepExpiry: input.ttlMs === undefined,
      })
      note(call, written.usedBytes)
      return { updated: written.written, version: written.version }
    },
  }),
  defineHostFunction({
    name: 'kv.increment',
    description:
      'Adds to the number under a key, in one step that no other writer comes between. An absent key counts as 0 and gets `ttlMs`; another keeps its expiry.',
    input: z.strictObject({
      key,
      by: z.number().default(1).describe('Below 0 to subtract.'),
      ttlMs,
      scope,
    }),
    output: z.object({ value: z.number(), version }),
    needs,
    risk: 'write',
    run: async ({ input }, { call, signal }) => {
      const { usedBytes, ...added } = await store.add(namespaceOf(input.scope, call), input.key, {
        ...payerOf(call, signal),
        by: input.by,
        ...present({ ttlMs: input.ttlMs }),
      })
      note(call, usedBytes)
      return added
    },
  }),
  defineHostFunction({
    name: 'kv.delete',
    description: 'Deletes a key; says whether it was there.',
    input: z.strictObject({ key, scope }),
    output: z.object({ deleted: z.boolean() }),
    needs,
    risk: 'write',
    run: async ({ input }, { call, signal }) => ({
      deleted: await store.delete(namespaceOf(input.scope, call), input.key, callerOf(call, signal)),
    }),
  }),
]
