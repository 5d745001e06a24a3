// Public face of the key-value service.

export { makeKvFunctions, maxKeyLength, maxValueLength, namespaceOf } from './functions.ts'
export { openSqliteStore, type SqliteKvStore, type SqliteStoreOptions } from './sqlite-store-node.ts'
export {
  type DailyLedger,
  type KvCaller,
  type KvEntry,
  type KvListOptions,
  type KvNamespace,
  type KvPage,
  type KvScope,
  type KvSetOptions,
  type KvStore,
  type KvWritten,
  kvScopes,
} from './store.ts'
