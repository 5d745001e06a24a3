// Base64 (RFC 4648 section 4), for a floor that has neither Buffer nor btoa.

const alphabet = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/'
const values = new Uint8Array(128).fill(255)
for (let index = 0; index < 64; index++) values[alphabet.charCodeAt(index)] = index

/** Decodes base64 text that was already checked to be base64. */
export const decodeBase64 = (text: string): Uint8Array => {
  const end = text.endsWith('==') ? text.length - 2 : text.endsWith('=') ? text.length - 1 : text.length
  const bytesOut = new Uint8Array(Math.floor((end * 3) / 4))
  let bits = 0
  let held = 0
  let at = 0
  for (let index = 0; index < end; index++) {
    held = ((held << 6) | (values[text.charCodeAt(index) & 127] ?? 0)) & 0xffffff
    bits += 6
    if (bits >= 8) {
      bits -= 8
      bytesOut[at++] = (held >> bits) & 255
    }
  }
  return bytesOut
}

/** Encodes bytes as base64 with padding. */
export const encodeBase64 = (data: Uint8Array): string => {
  const parts: string[] = []
  for (let index = 0; index < data.length; index += 3) {
    const a = data[index] ?? 0
    const b = data[index + 1]
    const c = data[index + 2]
    parts.push(
      alphabet.charAt(a >> 2) +
        alphabet.charAt(((a & 3) << 4) | ((b ?? 0) >> 4)) +
        (b === undefined ? '=' : alphabet.charAt(((b & 15) << 2) | ((c ?? 0) >> 6))) +
        (c === undefined ? '=' : alphabet.charAt(c & 63)),
    )
  }
  return parts.join('')
}
