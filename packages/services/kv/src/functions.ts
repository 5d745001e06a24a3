// The kv.* host functions: JSON values under text keys, in three scopes that are three capabilities. They choose the
// namespace from the call's context; nothing that a guest sends can name another's.

import {
  type AnyHostFunction,
  BulkheadError,
  type CallContext,
  defineHostFunction,
  type Json,
  noteStored,
} from '@bulkhead/kernel'
import { z } from 'zod'
import { type KvCaller, type KvNamespace, type KvScope, type KvStore, type KvWritten, kvScopes } from './store.ts'

/** Longest key, UTF-16 code units. */
export const maxKeyLength = 512
/** Longest value as JSON text, UTF-16 code units; the quota may stop a write sooner. */
export const maxValueLength = 8 * 1024 * 1024
const maxTtlMs = 10 * 365 * 24 * 3_600_000

// Lone surrogates have no UTF-8: two different keys would become one in the store.
const wellFormed = (text: string): boolean => text.isWellFormed()
const keyText = z.string().max(maxKeyLength).refine(wellFormed, 'must be well-formed Unicode')
const key = keyText.min(1)
const scope = z.enum(kvScopes).default('plugin').describe('Where the key lives; each scope is a grant of its own.')
const ttlMs = z.int().min(1).max(maxTtlMs).optional().describe('Milliseconds until the key expires.')

/** Whether the value is JSON all through: no byte strings, no holes. Iterative, for hostile nesting. */
const isJson = (value: unknown): boolean => {
  const open: unknown[] = [value]
  while (open.length > 0) {
    const next = open.pop()
    if (next === null || typeof next === 'string' || typeof next === 'boolean') continue
    if (typeof next === 'number' && Number.isFinite(next)) continue
    if (typeof next !== 'object' || ArrayBuffer.isView(next)) return false
    for (const member of Object.values(next)) open.push(member)
  }
  return true
}
const jsonValue = z.unknown().refine(isJson, 'must be a JSON value') as unknown as z.ZodType<Json>

const capabilityOf: Record<KvScope, string> = {
  plugin: 'storage',
  workspace: 'storage.workspace',
  global: 'storage.global',
}
const needs = (input: { scope: KvScope }) => [{ name: capabilityOf[input.scope] }]

/**
 * The namespace of a call. Plugin data belongs to the principal, in every workspace and for every user alike; a plugin
 * that must keep users apart puts them into its keys. Without a workspace id the workspace is its root folder.
 */
export const namespaceOf = (wanted: KvScope, call: CallContext): KvNamespace => {
  if (wanted === 'plugin') return { scope: wanted, owner: call.principal.id }
  if (wanted === 'global') return { scope: wanted, owner: '' }
  return {
    scope: wanted,
    owner: call.workspace === undefined ? `root:${call.workspaceRoot}` : `id:${call.workspace}`,
  }
}

const sizedValue = (value: Json, of: string): Json => {
  const { length } = JSON.stringify(value)
  if (length <= maxValueLength) return value
  throw new BulkheadError('input.too-large', `the value of "${of}" is ${length} characters of JSON`, {
    hint: `Store at most ${maxValueLength} characters under one key.`,
  })
}

const version = z.int().min(0).describe('Rises with every change; 0: the key is absent.')

/** Declares kv.get, kv.set, kv.update, kv.delete, kv.list and kv.list_keys over a store. */
export const makeKvFunctions = (store: KvStore): AnyHostFunction[] => [
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
    description: 'Writes a key, durable once answered. `ttlMs` lets it expire; without it an earlier expiry ends.',
    input: z.strictObject({ key, value: jsonValue, ttlMs, scope }),
    output: z.object({ version }),
    needs,
    risk: 'write',
    run: async ({ input }, { call, signal }) => {
      const written = await store.set(
        namespaceOf(input.scope, call),
        input.key,
        sizedValue(input.value, input.key),
        writeOptions(input.ttlMs, call, signal),
      )
      note(call, written)
      return { version: written.version }
    },
  }),
  defineHostFunction({
    name: 'kv.update',
    description:
      'Writes a key only if it still has the version that was read (0: only if absent). Says whether it did, and the version now.',
    input: z.strictObject({ key, value: jsonValue, ifVersion: version, ttlMs, scope }),
    output: z.object({ updated: z.boolean(), version }),
    needs,
    risk: 'write',
    run: async ({ input }, { call, signal }) => {
      const written = await store.set(namespaceOf(input.scope, call), input.key, sizedValue(input.value, input.key), {
        ...writeOptions(input.ttlMs, call, signal),
        ifVersion: input.ifVersion,
      })
      note(call, written)
      return { updated: written.written, version: written.version }
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
  defineHostFunction({
    name: 'kv.list',
    description: 'Lists keys with a prefix, in byte order, a page at a time. Pass `cursor` back for the next page.',
    input: z.strictObject({
      prefix: keyText.default(''),
      limit: z.int().min(1).max(1000).default(100),
      cursor: keyText.optional().describe('As the page before gave it.'),
      scope,
    }),
    output: z.object({
      keys: z.array(z.string()),
      cursor: z.string().optional().describe('Present when there is a further page.'),
    }),
    needs,
    risk: 'read-only',
    run: async ({ input }, { call, signal }) => {
      const page = await store.list(namespaceOf(input.scope, call), {
        prefix: input.prefix,
        limit: input.limit,
        ...callerOf(call, signal),
        ...(input.cursor === undefined ? {} : { cursor: input.cursor }),
      })
      return { keys: [...page.keys], ...(page.cursor === undefined ? {} : { cursor: page.cursor }) }
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

const maxListedKeys = 10_000

const callerOf = (call: CallContext, signal: AbortSignal): KvCaller => ({ principal: call.principal.id, signal })

/** For the metrics of the call. */
const note = (call: CallContext, { usedBytes }: KvWritten): void => {
  if (usedBytes !== undefined) noteStored(call, usedBytes)
}

const writeOptions = (ttl: number | undefined, call: CallContext, signal: AbortSignal) => ({
  ...callerOf(call, signal),
  quotaBytes: call.limits.storageBytes,
  ...(ttl === undefined ? {} : { ttlMs: ttl }),
})
