// Queries as pairs of texts, in the format application/x-www-form-urlencoded (WHATWG URL, section 5). In the guest's own
// code, where a clock can end it: the outer engine takes microseconds for each pair, and the shortest has one character.

/** What a query needs of the outer engine: UTF-8 both ways, wrong bytes as U+FFFD. */
export interface Utf8 {
  encode(text: string): Uint8Array
  decode(bytes: Uint8Array): string
}

/** Reads a query; one question mark at its start is no part of it. */
export const parseQuery = (query: string, utf8: Utf8): [string, string][] => {
  const pairs: [string, string][] = []
  const text = query.toWellFormed()
  for (const pair of (text.startsWith('?') ? text.slice(1) : text).split('&')) {
    if (pair === '') continue
    const at = pair.indexOf('=')
    const [name, value] = at < 0 ? [pair, ''] : [pair.slice(0, at), pair.slice(at + 1)]
    pairs.push([decodePart(name, utf8), decodePart(value, utf8)])
  }
  return pairs
}

/** Writes pairs as a query. */
export const formatQuery = (pairs: readonly (readonly [string, string])[]): string =>
  pairs.map(([name, value]) => `${encodePart(name)}=${encodePart(value)}`).join('&')

const decodePart = (part: string, utf8: Utf8): string => {
  const text = part.replaceAll('+', ' ')
  if (!text.includes('%')) return text
  try {
    return decodeURIComponent(text)
  } catch {
    // A percent sign without two digits stands for itself, and the bytes need not be UTF-8.
    return utf8.decode(withoutPercents(utf8.encode(text)))
  }
}

const percent = 0x25

const withoutPercents = (bytes: Uint8Array): Uint8Array => {
  let length = 0
  for (let at = 0; at < bytes.length; at++) {
    const [first, second] = [digitOf(bytes[at + 1]), digitOf(bytes[at + 2])]
    const isEncoded = bytes[at] === percent && first >= 0 && second >= 0
    bytes[length++] = isEncoded ? 16 * first + second : (bytes[at] ?? 0)
    if (isEncoded) at += 2
  }
  return bytes.slice(0, length)
}

/** The value of a hexadecimal digit; -1 for what is none. */
const digitOf = (byte: number | undefined): number =>
  byte === undefined ? -1 : '0123456789abcdef'.indexOf(String.fromCharCode(byte).toLowerCase())

// What encodeURIComponent leaves as it is, and this format does not.
const encodePart = (part: string): string =>
  encodeURIComponent(part.toWellFormed()).replace(/%20|[!'()~]/g, (found) =>
    found === '%20' ? '+' : `%${found.charCodeAt(0).toString(16).toUpperCase()}`,
  )
