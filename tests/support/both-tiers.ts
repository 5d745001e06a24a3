// One plugin in both tiers that its source is for: the folder is copied once for each, and one line of its manifest changed.

import { cp, readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import type { HostOptions } from '@bulkhead/host'
import { type BulkheadError, openHost } from '@bulkhead/host'

/** The two tiers. */
export const tiers = ['script', 'process'] as const

/** What a caller sees of one call. */
export interface Seen {
  readonly output?: unknown
  readonly error?: { readonly code: string; readonly message: string; readonly details: unknown }
  /** Lines of the call's log, with their levels. */
  readonly lines: readonly string[]
}

/** One call: action, input, and what else the caller says. */
export type Step = readonly [action: string, input?: unknown, options?: { readonly user?: string; timeoutMs?: number }]

/** Copies a plugin's folder with the tier's line in its manifest; the folder's name is the tier's. */
export const copyForTier = async (from: string, to: string, tier: (typeof tiers)[number]): Promise<string> => {
  const folder = join(to, tier)
  await cp(from, folder, { recursive: true })
  const path = join(folder, 'plugin.yaml')
  const manifest = await readFile(path, 'utf8')
  await writeFile(path, manifest.replace('tier: script', `tier: ${tier}`))
  return folder
}

/** Takes the steps one after the other on a host of its own. */
export const take = async (
  options: HostOptions & { readonly plugins: readonly [string] },
  name: string,
  steps: readonly Step[],
): Promise<readonly Seen[]> => {
  let lines: string[] = []
  await using host = await openHost({
    ...options,
    plugins: [...options.plugins],
    log: { write: ({ level, message }) => void lines.push(`${level} ${message}`) },
  })
  const seen: Seen[] = []
  for (const [action, input = null, callOptions = {}] of steps) {
    lines = []
    try {
      seen.push({ output: await host.call(name, action, input, callOptions), lines })
    } catch (thrown) {
      const { code, message, details } = thrown as BulkheadError
      seen.push({ error: { code, message, details }, lines })
    }
  }
  return seen
}
