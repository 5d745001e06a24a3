import { describe, expect, test } from 'vitest'
import { parseTable } from './table.ts'

interface Parts {
  readonly magic?: string
  readonly version?: number
  readonly count?: number
}

/** A table of two dimensions with these tokens. */
const makeTable = (tokens: readonly string[], { magic = 'BHWV', version = 1, count = tokens.length }: Parts = {}) => {
  const text = tokens.map((token) => `${token}\n`).join('')
  const bytes = Buffer.alloc(16 + text.length + count * 6)
  bytes.write(`${magic}\u0000\u0000\u0000\u0000`, 'latin1')
  bytes.writeUInt16LE(version, 4)
  bytes.writeUInt16LE(2, 6)
  bytes.writeUInt32LE(count, 8)
  bytes.writeUInt32LE(text.length, 12)
  bytes.write(text, 16, 'latin1')
  for (let row = 0; row < count; row++) {
    bytes.writeFloatLE(row / 2, 16 + text.length + 4 * row)
    bytes.writeInt8(-row, 16 + text.length + 4 * count + 2 * row)
  }
  return bytes
}

const read = (bytes: Uint8Array) => () => parseTable(bytes, 2)

describe('a table', () => {
  const { lexicon, scales, values } = parseTable(makeTable(['sea', 'seas', '##on', '##ons', 'so']), 2)
  const longest = (text: string, start = 0, continues = false): string | undefined => {
    const token = lexicon.longest(text, start, text.length, continues)
    return token < 0 ? undefined : lexicon.token(token)
  }

  test('gives the rows of its tokens', () => {
    expect([...scales]).toEqual([0, 0.5, 1, 1.5, 2])
    expect([...values].filter((_, index) => index % 2 === 0).map(Math.abs)).toEqual([0, 1, 2, 3, 4])
  })

  test('finds the longest token, and one that continues only where a word goes on', () => {
    expect(longest('seasons')).toBe('seas')
    expect(longest('seasons', 4, true)).toBe('##ons')
    expect(longest('seasons', 4)).toBeUndefined()
    expect(longest('sea', 0, true)).toBeUndefined()
    expect(longest('##on')).toBeUndefined()
    expect(longest('sеa')).toBeUndefined()
    expect(lexicon.lengthOf(lexicon.longest('ons', 0, 3, true))).toBe(3)
  })

  test('is refused when it is not whole', () => {
    const whole = makeTable(['one', 'two'])
    expect(read(whole)).not.toThrow()
    for (const bytes of [
      new Uint8Array(),
      whole.subarray(0, 10),
      whole.subarray(0, -1),
      Buffer.concat([whole, Buffer.alloc(1)]),
      makeTable(['one', 'two'], { magic: 'NONE' }),
      makeTable(['one', 'two'], { version: 2 }),
      makeTable(['one', 'two'], { count: 3 }),
    ])
      expect(read(bytes)).toThrow('damaged')
    expect(() => parseTable(whole, 3)).toThrow('its rows have 2 numbers')
  })
})
