// Pure functions that QuickJS lacks, computed by the outer engine for a guest: text encodings, base64, URLs. They touch
// nothing but their arguments; a wrong argument gives undefined, never an exception.
//
// No clock ends what is computed here, so that it must be over in some milliseconds. What an argument costs is known only
// for texts and for short lists of them: nested lists alone take seconds to be written as one text. Anything else is
// refused, whatever the prelude sends, for a plugin can change the globals that the prelude works with.

import { parseJson } from '@bulkhead/kernel/wire'

/** Longest JSON argument, UTF-16 code units; longer texts come in pieces, see guest/pieces.ts. */
export const maxComputeLength = 640 * 1024
/** Largest byte argument: the slowest decoder takes tens of nanoseconds for a byte. */
export const maxComputeBytes = 256 * 1024
/** Longest argument with a URL in it: each of its parts is answered, escaped. */
const maxUrlLength = 128 * 1024
/** Longest name of an encoding, with what else a decoder is asked. */
const maxOptionsLength = 256

const urlParts = [
  'href',
  'origin',
  'protocol',
  'username',
  'password',
  'host',
  'hostname',
  'port',
  'pathname',
  'search',
  'hash',
] as const
type UrlPart = (typeof urlParts)[number]

const describeUrl = (url: URL): Record<string, string> => Object.fromEntries(urlParts.map((part) => [part, url[part]]))

/** @throws BulkheadError, TypeError when the argument is no text */
const textOf = (json: string, most = maxComputeLength): string => {
  // What begins like this is a text to its end, or no JSON.
  if (!json.startsWith('"') || json.length > most) throw new TypeError('no text')
  return JSON.parse(json) as string
}

/** @throws BulkheadError, TypeError when the argument is no list of at most three texts */
const textsOf = (json: string): string[] => {
  const list = parseJson(json, 'the argument', { maxLength: maxUrlLength, maxDepth: 1, maxMembers: 2 })
  if (!Array.isArray(list) || !list.every((item) => typeof item === 'string')) throw new TypeError('no list of texts')
  return list
}

const operations: Readonly<Record<string, (json: string, bytes: Uint8Array) => unknown>> = {
  'utf8-encode': (json) => new TextEncoder().encode(textOf(json)),
  'encoding-name': (json) => new TextDecoder(textOf(json, maxOptionsLength)).encoding,
  decode: (json, bytes) => {
    const options = parseJson(json, 'the argument', { maxLength: maxOptionsLength, maxDepth: 1 })
    const { encoding, fatal, ignoreBOM } = options as { encoding: unknown; fatal: unknown; ignoreBOM: unknown }
    if (bytes.length > maxComputeBytes || typeof encoding !== 'string') return undefined
    return new TextDecoder(encoding, { fatal: fatal === true, ignoreBOM: ignoreBOM === true }).decode(bytes)
  },
  atob: (json) => atob(textOf(json)),
  btoa: (json) => btoa(textOf(json)),
  'url-parse': (json) => {
    const [url = '', base] = textsOf(json)
    return describeUrl(new URL(url, base))
  },
  'url-assign': (json) => {
    const [href = '', part = '', value = ''] = textsOf(json)
    if (!urlParts.includes(part as UrlPart) || part === 'origin') return undefined
    const url = new URL(href)
    url[part as Exclude<UrlPart, 'origin'>] = value
    return describeUrl(url)
  },
}

/** Runs an operation: bytes as they stand, anything else as JSON text, undefined when the arguments do not suit it. */
export const compute = (operation: string, json: string, bytes: Uint8Array): string | Uint8Array | undefined => {
  const run = Object.hasOwn(operations, operation) ? operations[operation] : undefined
  try {
    const result = run?.(json, bytes)
    return result instanceof Uint8Array || result === undefined ? result : JSON.stringify(result)
  } catch {
    return undefined
  }
}
