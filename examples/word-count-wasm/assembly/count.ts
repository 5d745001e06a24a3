// Counts words over UTF-8 bytes. A word is a run of ASCII letters, digits and bytes of other scripts, with apostrophes
// inside; ASCII letters are folded to lower case, other scripts count as they are written. Dashes, typographic quotes and
// their like (U+2000 to U+206F) stand between words.

/** Counts of a text. */
export class Counts {
  words: i32 = 0
  sentences: i32 = 0
  syllables: i32 = 0
  lines: i32 = 0
  frequencies: Map<string, i32> = new Map<string, i32>()
}

function isWordByte(byte: u8): bool {
  return byte >= 0x80 || (byte >= 0x30 && byte <= 0x39) || ((byte | 0x20) >= 0x61 && (byte | 0x20) <= 0x7a)
}

/** Whether U+2000 to U+207F starts here: three bytes, E2 80 or E2 81 and one more. */
function isPunctuation(bytes: Uint8Array, at: i32): bool {
  return at + 2 < bytes.length && unchecked(bytes[at]) == 0xe2 && (unchecked(bytes[at + 1]) & 0xfe) == 0x80
}

function isVowel(byte: u8): bool {
  return byte == 0x61 || byte == 0x65 || byte == 0x69 || byte == 0x6f || byte == 0x75 || byte == 0x79
}

/** Groups of vowels, a silent final e left out; at least one. Good to about a tenth for English. */
function syllablesOf(bytes: Uint8Array, from: i32, to: i32): i32 {
  let groups = 0
  let inside = false
  for (let i = from; i < to; i++) {
    const vowel = isVowel(unchecked(bytes[i]))
    if (vowel && !inside) groups++
    inside = vowel
  }
  const last = unchecked(bytes[to - 1])
  const silent = last == 0x65 && to - from > 2 && !isVowel(unchecked(bytes[to - 2])) && unchecked(bytes[to - 2]) != 0x6c
  return max(silent ? groups - 1 : groups, 1)
}

/** Counts a text; the bytes are folded to lower case in place. */
export function countWords(bytes: Uint8Array): Counts {
  const counts = new Counts()
  let open = false
  let at = 0
  while (at < bytes.length) {
    const byte = unchecked(bytes[at])
    if (isPunctuation(bytes, at)) {
      at += 3
      continue
    }
    if (!isWordByte(byte)) {
      if (byte == 0x0a) counts.lines++
      if ((byte == 0x2e || byte == 0x21 || byte == 0x3f) && open) {
        counts.sentences++
        open = false
      }
      at++
      continue
    }
    const start = at
    while (at < bytes.length) {
      const next = unchecked(bytes[at])
      const joined =
        next == 0x27 && at + 1 < bytes.length && isWordByte(unchecked(bytes[at + 1])) && !isPunctuation(bytes, at + 1)
      if ((!isWordByte(next) && !joined) || isPunctuation(bytes, at)) break
      if (next >= 0x41 && next <= 0x5a) unchecked((bytes[at] = next | 0x20))
      at++
    }
    open = true
    counts.words++
    counts.syllables += syllablesOf(bytes, start, at)
    const word = String.UTF8.decodeUnsafe(bytes.dataStart + start, at - start)
    counts.frequencies.set(word, counts.frequencies.has(word) ? counts.frequencies.get(word) + 1 : 1)
  }
  if (open) counts.sentences++
  if (bytes.length > 0 && unchecked(bytes[bytes.length - 1]) != 0x0a) counts.lines++
  return counts
}

/** The most frequent words, then by the alphabet. */
export function topWords(frequencies: Map<string, i32>, count: i32): string[] {
  const words = frequencies.keys()
  tally = frequencies
  words.sort((a: string, b: string): i32 => {
    const difference = tally.get(b) - tally.get(a)
    return difference != 0 ? difference : a < b ? -1 : 1
  })
  return words.slice(0, count)
}

/** The compiler has no closures: what the comparison above looks at. */
let tally: Map<string, i32> = new Map<string, i32>()
