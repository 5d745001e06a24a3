// Reads what `--grant` gets, as far as the grammar cannot: spellings that are well formed, grant nothing, and are most
// likely slips. It decides nothing: what a grant covers is the gate's business.

import type { BulkheadError } from '@bulkhead/host'
import { usageError } from './usage.ts'

// Permissions of which every call has a scope; an exact name without one covers only calls without one.
const scoped: Readonly<Record<string, string>> = {
  network: 'network:GET https://api.example.com/*',
  'filesystem.read': 'filesystem.read:./data',
  'filesystem.write': 'filesystem.write:./out',
  env: 'env:GEMINI_*',
}

const slipIn = (grant: string): BulkheadError | undefined => {
  if (/^https?:\/\//i.test(grant)) {
    return usageError(`"${grant}" is an address, and not a grant`, `Write: network:${grant}`)
  }
  const example = Object.hasOwn(scoped, grant) ? scoped[grant] : undefined
  if (example !== undefined) {
    return usageError(`"${grant}" covers nothing without a scope`, `Say what it covers, for example ${example}`)
  }
  const [name] = grant.split(':', 1)
  if (name === 'filesystem' || name === 'fs.read' || name === 'fs.write') {
    return usageError(`"${name}" is not a permission`, 'Write filesystem.read:<path> or filesystem.write:<path>.')
  }
  if (name === 'notes') return usageError(`"${name}" is not a permission`, 'Write notes.read or notes.write.')
  return undefined
}

const nameOf = (capability: string): string => capability.split(/:|\.\//, 1)[0] ?? capability

/**
 * Grants whose permission the plugin does not ask for, and which therefore allow nothing: names alone are compared, and one with a star
 * counts as asked for. None where the plugin asks for nothing, for one without a manifest asks for what it is granted.
 */
export const idleGrants = (grants: readonly string[], asks: readonly string[]): readonly string[] => {
  const asked = asks.map(nameOf)
  if (asked.length === 0 || asked.some((name) => name.includes('*'))) return []
  return grants.filter((grant) => !nameOf(grant).includes('*') && !asked.includes(nameOf(grant)))
}

/** Adds one more grant to those before. @throws BulkheadError `usage.invalid` for one that grants nothing */
export const collectGrant = (grant: string, before: readonly string[] = []): readonly string[] => {
  const slip = slipIn(grant)
  if (slip !== undefined) throw slip
  return [...before, grant]
}
