// Text in and out of guests' memory, as UTF-8. One encoder and one decoder serve all: neither keeps anything between calls.

const encoder = new TextEncoder()
const decoder = new TextDecoder()
const strict = new TextDecoder('utf-8', { fatal: true })

/** The bytes of a text. */
export const utf8 = (text: string): Uint8Array => encoder.encode(text)

/** The text of bytes; what is not UTF-8 becomes U+FFFD. */
export const textOf = (bytes: Uint8Array): string => decoder.decode(bytes)

/** The text of bytes. @throws TypeError for what is not UTF-8 */
export const strictTextOf = (bytes: Uint8Array): string => strict.decode(bytes)
