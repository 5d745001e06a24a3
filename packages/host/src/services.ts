// Opens the standard host functions with the powers that they need.

import { join } from 'node:path'
import type { AnyHostFunction, AuditSink, Clock, LogSink } from '@bulkhead/kernel'
import { type EgressPorts, openDialer } from '@bulkhead/net'
import { makeEnvFunctions } from '@bulkhead/service-env'
import { makeFsFunctions } from '@bulkhead/service-fs'
import { makeHttpFunctions } from '@bulkhead/service-http'
import { makeKvFunctions, openSqliteStore, type StateStore } from '@bulkhead/service-kv'
import { type CallLog, makeCallLog, makeLogFunctions } from '@bulkhead/service-log'
import { openStandardLibrary } from '@bulkhead/service-std'
import { type Embedder, makeNotesFunctions, openVaults } from '@bulkhead/service-notes'
import { openWordVectors } from '@bulkhead/word-vectors'
import { hostVersion } from './version.ts'

/** What the services get. */
export interface ServicePowers {
  readonly home: string
  /** The environment with the embedding program's secrets over it. */
  readonly env: Readonly<Record<string, string | undefined>>
  readonly log: LogSink | undefined
  readonly clock: Clock
  readonly audit: AuditSink
  /** Where plugins' data goes; a store of our own in the state folder where none is given. */
  readonly stateStore: StateStore | undefined
  /** The vault and the embedder; see HostOptions. */
  readonly notes: { readonly folder?: string; readonly embedder?: Embedder }
}

/** The standard host functions; disposing closes their connections, stores and threads. */
export interface Services extends AsyncDisposable {
  readonly functions: readonly AnyHostFunction[]
  readonly callLog: CallLog
  readonly store: StateStore
  /** What the network of programs is made with: the same dialer and ledger. */
  readonly network: EgressPorts
}

/** Opens them. Nothing is started before the first use. */
export const openServices = (powers: ServicePowers): Services => {
  const stack = new AsyncDisposableStack()
  const dialer = stack.use(openDialer())
  // One that was given is closed by whoever opened it.
  const store =
    powers.stateStore ?? stack.use(openSqliteStore({ file: join(powers.home, 'kv.sqlite'), clock: powers.clock }))
  const library = stack.use(openStandardLibrary({ clock: powers.clock }))
  const logPorts = { log: powers.log ?? { write: () => {} }, clock: powers.clock }
  const callLog = makeCallLog(logPorts)
  const vaults = stack.use(openVaults({ home: powers.home, embedder: openWordVectors(), ...powers.notes }))
  const ledger = store.dailyLedger('network')
  return {
    callLog,
    store,
    network: { dialer, ledger, audit: powers.audit },
    functions: [
      ...makeHttpFunctions({ dialer, version: hostVersion, ledger }),
      ...makeFsFunctions(),
      ...makeEnvFunctions({ env: powers.env }),
      ...makeKvFunctions(store),
      ...makeNotesFunctions(vaults, store.dailyLedger('notes')),
      ...makeLogFunctions(logPorts, callLog),
      ...library.functions,
    ],
    [Symbol.asyncDispose]: () => stack.disposeAsync(),
  }
}
