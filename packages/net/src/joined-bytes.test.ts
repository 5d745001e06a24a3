// Pieces of any size come out as one, and nobody else's memory is handed on.

import fc from 'fast-check'
import { expect, test } from 'vitest'
import { JoinedBytes } from './joined-bytes.ts'

test('are the pieces in a row, whatever their sizes, and begin anew when they were taken', () => {
  const joined = new JoinedBytes()
  fc.assert(
    fc.property(fc.array(fc.uint8Array({ maxLength: 40_000 }), { maxLength: 6 }), (pieces) => {
      for (const piece of pieces) joined.append(piece)
      const length = pieces.reduce((sum, piece) => sum + piece.length, 0)
      expect(joined.length).toBe(length)
      const taken = joined.take()
      expect(Buffer.compare(taken, Buffer.concat(pieces))).toBe(0)
      expect(taken.buffer.byteLength).toBe(length)
      expect(joined.length).toBe(0)
    }),
  )
})

test('a piece that changes afterwards changes nothing', () => {
  const joined = new JoinedBytes()
  const piece = Uint8Array.of(1, 2)
  joined.append(piece)
  piece.fill(9)
  expect(joined.take()).toEqual(Uint8Array.of(1, 2))
})
