// What the kv.* host functions have in common: fields of their inputs, the capability of a scope, the namespace of a call. The
// namespace comes from the call's context; nothing that a guest sends can name another's.

import { BulkheadError, type CallContext, type Json, noteStored } from '@bulkhead/kernel'
import { z } from 'zod'
import { type KvCaller, type KvNamespace, type KvPayer, type KvScope, kvScopes } from './store.ts'

/** Longest key, UTF-16 code units. */
export const maxKeyLength = 512
/** Longest value as JSON text, UTF-16 code units; the quota may stop a write sooner. */
export const maxValueLength = 8 * 1024 * 1024
const maxTtlMs = 10 * 365 * 24 * 3_600_000

// Lone surrogates have no UTF-8: two different keys would become one in the store.
const wellFormed = (text: string): boolean => text.isWellFormed()
/** A prefix of a key. */
export const keyText = z.string().max(maxKeyLength).refine(wellFormed, 'must be well-formed Unicode')
/** See {@link maxKeyLength}. */
export const key = keyText.min(1)
/** Where a key lives. */
export const scope = z
  .enum(kvScopes)
  .default('plugin')
  .describe('Where the key lives; each scope is a grant of its own.')
/** Whether a write leaves the expiry as it is. */
export const keepExpiry = z
  .boolean()
  .default(false)
  .describe('Leaves the expiry that the key has; ttlMs is then passed over.')
/** When a key expires. */
export const ttlMs = z.int().min(1).max(maxTtlMs).optional().describe('Milliseconds until the key expires.')

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
/** What may be stored. */
export const jsonValue = z.unknown().refine(isJson, 'must be a JSON value') as unknown as z.ZodType<Json>

const capabilityOf: Record<KvScope, string> = {
  plugin: 'storage',
  workspace: 'storage.workspace',
  global: 'storage.global',
}
/** The capability of a call. */
export const needs = (input: { scope: KvScope }) => [{ name: capabilityOf[input.scope] }]

/** Whose the data of a workspace is: without an id the workspace is its root folder. */
export const workspaceOwner = ({
  workspace,
  workspaceRoot,
}: Pick<CallContext, 'workspace' | 'workspaceRoot'>): string =>
  workspace === undefined ? `root:${workspaceRoot}` : `id:${workspace}`

/**
 * The namespace of a call. Plugin data belongs to the principal, in every workspace and for every user alike; a plugin
 * that must keep users apart puts them into its keys.
 */
export const namespaceOf = (wanted: KvScope, call: CallContext): KvNamespace => {
  if (wanted === 'plugin') return { scope: wanted, owner: call.principal.id }
  return { scope: wanted, owner: wanted === 'global' ? '' : workspaceOwner(call) }
}

/** @throws BulkheadError `input.too-large` */
export const sizedValue = (value: Json, of: string): Json => {
  const { length } = JSON.stringify(value)
  if (length <= maxValueLength) return value
  throw new BulkheadError('input.too-large', `the value of "${of}" is ${length} characters of JSON`, {
    hint: `Store at most ${maxValueLength} characters under one key.`,
  })
}

/** Which state of a key. */
export const version = z.int().min(0).describe('Rises with every change; 0: the key is absent.')

/** On whose behalf a call reads. */
export const callerOf = (call: CallContext, signal: AbortSignal): KvCaller => ({
  principal: call.principal.id,
  signal,
})

/** On whose behalf a call writes. */
export const payerOf = (call: CallContext, signal: AbortSignal): KvPayer => ({
  ...callerOf(call, signal),
  quotaBytes: call.limits.storageBytes,
})

/** Notes what is stored, for the metrics of the call. */
export const note = (call: CallContext, usedBytes: number | undefined): void => {
  if (usedBytes !== undefined) noteStored(call, usedBytes)
}

/** The members that are there, without those that are undefined. */
export const present = <T extends object>(members: T): { [Name in keyof T]?: Exclude<T[Name], undefined> } =>
  Object.fromEntries(Object.entries(members).filter(([, value]) => value !== undefined)) as {
    [Name in keyof T]?: Exclude<T[Name], undefined>
  }
