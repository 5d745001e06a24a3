// The first record of a chain: what it goes on from, what was lost before it, and where the other chains stand.

import { type ChainHead, parseHead } from './chain.ts'
import type { AuditLogOptions } from './log-options.ts'
import type { AuditEvent } from './record.ts'

/** What it tells. */
export interface ChainOpening {
  readonly chain: string
  readonly options: Pick<AuditLogOptions, 'level' | 'failClosed'>
  /** Why this chain begins; empty for the first. */
  readonly why: string
  /** The head of the chain that this process wrote before. */
  readonly before: ChainHead | undefined
  /** Records that were lost and not told of yet. */
  readonly lost: number
  /** Heads as they are kept apart, each with the chain under whose name it lies. */
  readonly heads: readonly { readonly chain: string; readonly text: string }[]
}

/** Makes the record. */
export const openingEvent = ({ chain, options, why, before, lost, heads }: ChainOpening): AuditEvent => ({
  type: 'log_opened',
  result: 'info',
  ...(why === '' ? {} : { why }),
  details: {
    chain,
    format: 1,
    level: options.level,
    failClosed: options.failClosed,
    ...(before === undefined ? {} : { continues: before.chain }),
    ...(lost === 0 ? {} : { lost }),
    heads: heads.flatMap(({ chain: name, text }) => {
      const head = parseHead(text)
      if (head === undefined || head.chain !== name || head.count === 0) return []
      return [{ chain: name, count: head.count, hash: head.hash }]
    }),
  },
})
