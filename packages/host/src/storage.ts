// What plugins have stored, as the operator sees it and clears it. It goes around the gate, for no plugin asks; what it
// changes is recorded in the audit log all the same.

import { type AuditSink, BulkheadError, type Json } from '@bulkhead/kernel'
import { type KvNamespace, type KvStore, workspaceOwner } from '@bulkhead/service-kv'

/**
 * Whose data: a plugin's own (its name in this host, or the principal's id of one that is gone), a workspace's (its id;
 * without one the workspace of this host's root folder), or everybody's.
 */
export type StorageSpace =
  | { readonly scope: 'plugin'; readonly plugin: string }
  | { readonly scope: 'workspace'; readonly workspace?: string }
  | { readonly scope: 'global' }

/** What one namespace holds. */
export interface StorageUse {
  readonly scope: StorageSpace['scope']
  /** Principal id, or workspace; empty for `global`. */
  readonly owner: string
  /** Name of the plugin, when this host knows it. */
  readonly plugin?: string
  readonly keys: number
  /** As quotas count it. */
  readonly bytes: number
}

/** One stored value. */
export interface StorageEntry {
  readonly key: string
  readonly value: Json
  readonly version: number
}

/** What plugins have stored. All reject with BulkheadError `kv.failed`; `plugin.unknown` for a name that nobody has. */
export interface PluginStorage {
  /** Every namespace that holds something, those of plugins that are gone among them. */
  list(): Promise<readonly StorageUse[]>
  /** A page of entries in byte order of their keys, 100 when no limit is given. */
  entries(
    space: StorageSpace,
    options?: { readonly prefix?: string; readonly limit?: number; readonly cursor?: string },
  ): Promise<{ readonly entries: readonly StorageEntry[]; readonly cursor?: string }>
  get(space: StorageSpace, key: string): Promise<StorageEntry | undefined>
  /** @returns whether the key was there */
  delete(space: StorageSpace, key: string): Promise<boolean>
  /** Deletes all keys, or those with a prefix. @returns how many there were */
  clear(space: StorageSpace, options?: { readonly prefix?: string }): Promise<number>
}

/** What the storage is made over. */
export interface StorageParts {
  readonly store: KvStore
  readonly audit: AuditSink
  readonly workspaceRoot: string
  /** Names and principal ids of the plugins that the host knows. */
  plugins(): readonly { readonly id: string; readonly principal: string }[]
  /** The principal id of a known plugin. @throws BulkheadError `plugin.unknown` */
  principalOf(name: string): string
}

/** A page of values, JSON text together, UTF-16 code units; one that is larger comes alone. */
const maxPageLength = 4 * 1024 * 1024
/** A lane of its own: the operator waits behind no plugin. */
const operator = { principal: 'operator' }

/** Makes it. */
export const makeStorage = ({ store, audit, workspaceRoot, plugins, principalOf }: StorageParts): PluginStorage => {
  const namespace = (space: StorageSpace): KvNamespace => {
    if (space.scope === 'global') return { scope: 'global', owner: '' }
    if (space.scope === 'workspace') {
      const { workspace } = space
      return {
        scope: 'workspace',
        owner: workspaceOwner({ workspaceRoot, ...(workspace === undefined ? {} : { workspace }) }),
      }
    }
    // A name has no colon, and a principal's id always has one.
    return { scope: 'plugin', owner: space.plugin.includes(':') ? space.plugin : principalOf(space.plugin) }
  }
  const record = async ({ scope, owner }: KvNamespace, details: { readonly [name: string]: Json }): Promise<void> => {
    const who = scope === 'plugin' ? { principal: owner } : {}
    await audit.append(
      { type: 'storage_changed', result: 'info', ...who, details: { scope, owner, ...details } },
      'flush',
    )
  }
  return {
    list: async () => {
      const names = new Map(plugins().map(({ id, principal }) => [principal, id]))
      return (await store.spaces(operator)).map((use) => {
        const plugin = use.scope === 'plugin' ? names.get(use.owner) : undefined
        return { ...use, ...(plugin === undefined ? {} : { plugin }) }
      })
    },
    entries: (space, { prefix = '', limit = 100, cursor } = {}) => {
      if (!Number.isSafeInteger(limit) || limit < 1 || limit > 1000) {
        throw new BulkheadError('usage.invalid', `a page has from 1 to 1000 entries, not ${limit}`)
      }
      const after = cursor === undefined ? {} : { cursor }
      return store.entries(namespace(space), { ...operator, prefix, limit, maxLength: maxPageLength, ...after })
    },
    get: async (space, key) => {
      const entry = await store.get(namespace(space), key, operator)
      return entry === undefined ? undefined : { key, ...entry }
    },
    delete: async (space, key) => {
      const where = namespace(space)
      // Before the effect, as with every record.
      await record(where, { change: 'delete', key })
      return store.delete(where, key, operator)
    },
    clear: async (space, { prefix = '' } = {}) => {
      const where = namespace(space)
      await record(where, { change: 'clear', prefix })
      return store.clear(where, { ...operator, prefix })
    },
  }
}
