// Text in and out of guests' memory, as UTF-8. One encoder and one decoder serve all: neither keeps anything between calls.

const encoder = new TextEncoder()
const decoder = new TextDecoder()
const strict = new TextDecoder('utf-8', { fatal: true })

/** Texts of so many characters are written one by one: in arrays this small the bytes lie on the heap itself, and calling the encoder takes five times as long. */
const short = 64

/** The bytes of a text. */
export const utf8 = (text: string): Uint8Array =>
  (text.length <= short ? ascii(text) : undefined) ?? encoder.encode(text)

/** The text of bytes; what is not UTF-8 becomes U+FFFD. */
export const textOf = (bytes: Uint8Array): string => decoder.decode(bytes)

/** The text of bytes. @throws TypeError for what is not UTF-8 */
export const strictTextOf = (bytes: Uint8Array): string => strict.decode(bytes)

const ascii = (text: string): Uint8Array | undefined => {
  const bytes = new Uint8Array(text.length)
  for (let index = 0; index < text.length; index++) {
    const code = text.charCodeAt(index)
    if (code > 0x7f) return undefined
    bytes[index] = code
  }
  return bytes
}
