// What all proxies of one host share: the function that opens connections, with its turns, the ledger of traffic and the log.
// `@bulkhead/net/egress`, an entry of its own: only programs need it, and Node's HTTP server takes long to load.

import type { AuditSink } from '@bulkhead/kernel'
import type { Dialer } from '../dialer.ts'
import type { TrafficLedger } from '../traffic.ts'
import { makeConnectFunctions } from './connect-function.ts'
import { EgressProxy, type ProxyOptions } from './proxy.ts'

/** What it is made with. */
export interface EgressPorts {
  /** Owned by whoever opened it. */
  readonly dialer: Dialer
  readonly ledger: TrafficLedger
  readonly audit: AuditSink
}

/** Opens proxies. */
export interface Egress {
  /** Whoever opens one disposes it. */
  openProxy(options: ProxyOptions): EgressProxy
}

/** Makes it. */
export const makeEgress = ({ dialer, ledger, audit }: EgressPorts): Egress => {
  const makeConnect = makeConnectFunctions(dialer)
  return { openProxy: (options) => new EgressProxy({ makeConnect, ledger, audit }, options) }
}
