// Public face of the key-value service.

export { maxKeyLength, maxValueLength, namespaceOf, workspaceOwner } from './fields.ts'
export { makeKvFunctions } from './functions.ts'
export { openSqliteStore, type SqliteStoreOptions } from './sqlite-store-node.ts'
export {
  type DailyLedger,
  type KvAdded,
  type KvBatchWritten,
  type KvCaller,
  type KvEntry,
  type KvEntryPage,
  type KvExpiry,
  type KvListOptions,
  type KvNamespace,
  type KvPage,
  type KvPayer,
  type KvScope,
  type KvSetOptions,
  type KvSpaceUse,
  type KvStore,
  type KvWrite,
  type KvWritten,
  kvScopes,
  type StateStore,
} from './store.ts'
