// The path of a URL in one canonical form, and the refusal of paths that servers read in different ways. A grant for
// `/v1/*` is worth something only if no spelling of a path below /v1 can mean a path elsewhere.

import { invalidCapability } from '../invalid.ts'

const hexPair = /^[0-9A-Fa-f]{2}$/
/** UTF-8 that spells a character with more bytes than it needs (RFC 3629 section 3), and the escape that only IIS reads. */
const unduly = /%(?:c[01]|e0%[89]|f0%8|u[0-9a-f]{4})/i
const unreserved = /^[A-Za-z0-9._~-]$/

/**
 * Canonical path: escapes of unreserved characters decoded and the others in upper case (RFC 3986 section 6.2.2), runs
 * of slashes collapsed. `pathname` is that of a WHATWG URL. `*` stays as it is.
 * @throws BulkheadError `capability.invalid` when some number of decodings would yield a dot segment, a backslash or a
 * NUL, or when an escape is overlong UTF-8 or of the form `%u002e`: both have been read as dots and slashes
 */
export const canonicalUrlPath = (pathname: string, source: string): string => {
  const decoded = decodeWholly(pathname, source)
  // `;` because some servers strip path parameters first and then see `..`.
  if (decoded.split('/').some((segment) => /^\.{1,2}(?:;|$)/.test(segment)) || /[\\\0]/.test(decoded)) {
    throw invalidCapability(source, 'has a path that can be read in more than one way', 'Write the path plainly.')
  }
  let path = ''
  for (let at = 0; at < pathname.length; at++) {
    const pair = pathname.slice(at + 1, at + 3)
    if (pathname[at] !== '%') path += pathname[at]
    else if (!hexPair.test(pair)) path += '%25'
    else {
      const character = String.fromCharCode(Number.parseInt(pair, 16))
      path += unreserved.test(character) ? character : `%${pair.toUpperCase()}`
      at += 2
    }
  }
  return path.replace(/\/{2,}/g, '/')
}

/**
 * Decodes ASCII escapes until none is left, whatever was nested in whatever (`%252e`, `%%32e`), in one pass: each
 * reduction makes the output shorter by two.
 */
export const decodeWholly = (path: string, source = path): string => {
  const out: string[] = []
  for (const character of path) {
    out.push(character)
    for (;;) {
      const pair = `${out.at(-2) ?? ''}${out.at(-1) ?? ''}`
      if (out.at(-3) !== '%' || !hexPair.test(pair)) break
      const code = Number.parseInt(pair, 16)
      if (code > 0x7f) break
      out.splice(-3, 3, String.fromCharCode(code))
    }
  }
  const decoded = out.join('')
  if (unduly.test(decoded)) throw invalidCapability(source, 'has an overlong escape, or one that is no URL escape')
  return decoded
}
