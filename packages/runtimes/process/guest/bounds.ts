// What one line may hold, seen to before it is written: the host ends a connection that passes its bounds, and a plugin that
// gives back too much has only failed.

import { Buffer } from 'node:buffer'
import { jsonExcessOf } from '../../../kernel/src/json.ts'

/** What the host says of a line in `initialize`. */
export interface LineBounds {
  readonly maxLineBytes: number
  readonly maxDepth: number
}

/** What a value has too much of, and how much there may be, or, of bytes, are. */
export interface Excess {
  readonly of: 'bytes' | 'levels' | 'members'
  readonly number: number
}

/** Room for what stands around a value in its line. */
const around = { bytes: 1024, levels: 3, members: 16 }
/** As docs/reference/process-protocol.md has it. */
const mostMembers = 250_000 - around.members

const { byteLength } = Buffer

/** What a value as JSON has too much of to stand in a line. */
export const excessOf = (json: string, { maxLineBytes, maxDepth }: LineBounds): Excess | undefined => {
  const bytes = byteLength(json)
  if (bytes > maxLineBytes - around.bytes) return { of: 'bytes', number: bytes }
  const mostLevels = maxDepth - around.levels
  const excess = jsonExcessOf(json, mostLevels, mostMembers)
  if (excess === 'depth') return { of: 'levels', number: mostLevels }
  return excess === 'members' ? { of: 'members', number: mostMembers } : undefined
}
