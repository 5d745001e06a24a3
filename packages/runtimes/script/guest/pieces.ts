// Long texts and byte strings, cut into pieces for the outer engine: what that computes in one piece no clock ends, while the
// guest's own code between two pieces can be stopped. The pieces give together what the whole would give.

/** Characters or bytes of one piece; a multiple of the 3 and 4 of base64. */
const pieceLength = 96 * 1024

/** Longest input in an encoding that cannot be cut: its characters cannot be told apart from the middle. */
const longestWhole = 256 * 1024

/** Each piece through a function, its results one after the other. */
export const inPieces = (text: string, convert: (piece: string) => string): string => {
  if (text.length <= pieceLength) return convert(text)
  let result = ''
  for (let at = 0; at < text.length; at += pieceLength) result += convert(text.slice(at, at + pieceLength))
  return result
}

/** UTF-8 of a text. */
export const encodeText = (text: string, encode: (piece: string) => ArrayBuffer): Uint8Array => {
  if (text.length <= pieceLength) return new Uint8Array(encode(text))
  const parts: Uint8Array[] = []
  let length = 0
  for (let from = 0; from < text.length; ) {
    let to = Math.min(from + pieceLength, text.length)
    // Two halves of one character stay together.
    if (to < text.length && (text.charCodeAt(to - 1) & 0xfc00) === 0xd800) to--
    const part = new Uint8Array(encode(text.slice(from, to)))
    parts.push(part)
    length += part.length
    from = to
  }
  const whole = new Uint8Array(length)
  let at = 0
  for (const part of parts) {
    whole.set(part, at)
    at += part.length
  }
  return whole
}

/** The text of bytes in an encoding. @throws RangeError for a long input in an encoding whose characters cannot be told apart */
export const decodeBytes = (
  buffer: ArrayBuffer,
  encoding: string,
  decode: (piece: ArrayBuffer, isFirst: boolean) => string,
): string => {
  const { byteLength } = buffer
  if (byteLength <= pieceLength) return decode(buffer, true)
  if (!canBeCut(encoding)) {
    if (byteLength <= longestWhole) return decode(buffer, true)
    throw new RangeError(`at most ${longestWhole} bytes of ${encoding} are decoded at once`)
  }
  const bytes = new Uint8Array(buffer)
  let text = ''
  for (let from = 0; from < byteLength; ) {
    const most = Math.min(from + pieceLength, byteLength)
    const to = most === byteLength ? most : endOfCharacter(bytes, encoding, most)
    text += decode(buffer.slice(from, to), from === 0)
    from = to
  }
  return text
}

const canBeCut = (encoding: string): boolean =>
  /^(?:utf-|windows-|iso-8859-|koi8-|ibm866$|macintosh$|x-mac-)/.test(encoding)

/** Where the last whole character before a place ends. */
const endOfCharacter = (bytes: Uint8Array, encoding: string, place: number): number => {
  if (encoding === 'utf-8') {
    // Back to a byte that begins a character, which has four at the most.
    let at = place
    while (at > place - 4 && ((bytes[at] ?? 0) & 0xc0) === 0x80) at--
    return ((bytes[at] ?? 0) & 0xc0) === 0x80 ? place : at
  }
  if (encoding === 'utf-16le' || encoding === 'utf-16be') {
    const high = bytes[encoding === 'utf-16le' ? place - 1 : place - 2] ?? 0
    return (high & 0xfc) === 0xd8 ? place - 2 : place
  }
  return place
}

/** The bytes of a base64 text, as a text of characters up to U+00FF. */
export const decodeBase64 = (text: string, decode: (piece: string) => string): string => {
  if (text.length <= pieceLength) return decode(text)
  const compact = text.replace(/[\t\n\f\r ]+/g, '')
  // Filling may stand at the end only: a piece of its own would take it anywhere.
  const filling = compact.indexOf('=')
  return filling >= 0 && filling < compact.length - 2 ? decode('=') : inPieces(compact, decode)
}
