// The output of a call, as the caller asked for it.

import type { GuestResult } from '@bulkhead/cell'

const encoder = new TextEncoder()

/** How the guest says that a call ended. */
export type Outcome =
  | { readonly ok: true; readonly json: string; readonly blobs: readonly Uint8Array[] }
  | { readonly ok: false; readonly json: string }

/** A value as it stands; as bytes, the one byte string that it is, or its text. */
export const outputOf = (
  { json, blobs }: Extract<Outcome, { ok: true }>,
  wanted: 'value' | 'raw',
): GuestResult['output'] => {
  if (wanted === 'value') return { kind: 'value', payload: blobs.length === 0 ? { json } : { json, blobs } }
  const [only] = blobs
  if (only !== undefined && json === '{"$blob":0}') return { kind: 'raw', bytes: only }
  const text = json.startsWith('"') ? (JSON.parse(json) as string) : json
  return { kind: 'raw', bytes: encoder.encode(text) }
}
