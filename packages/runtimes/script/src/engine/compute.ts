// Pure functions that QuickJS lacks, computed by the outer engine for a guest: text encodings, base64, URLs. They touch
// nothing but their arguments; a wrong argument gives undefined, never an exception.

/**
 * Longest JSON argument, UTF-16 code units, and largest byte argument. No clock ends what is computed here, so it must be
 * over in some milliseconds (the slowest decoder takes 20 ns for a byte); longer inputs come in pieces, see guest/globals.ts.
 */
export const maxComputeLength = 640 * 1024

/** Longest argument of the others: URLs and queries become lists of strings, which take a multiple on the cell's heap. */
const maxUrlLength = 256 * 1024
const textOperations: ReadonlySet<string> = new Set(['utf8-encode', 'atob', 'btoa'])

/** Gives each parameter without a value an empty one, which means the same; Node looks for one to the end of the query. */
const withValues = (query: string): string =>
  query
    .split('&')
    .map((pair) => (pair === '' || pair.includes('=') ? pair : `${pair}=`))
    .join('&')

type Operation = (input: unknown, bytes: Uint8Array) => unknown

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

const operations: Readonly<Record<string, Operation>> = {
  'utf8-encode': (text) => new TextEncoder().encode(String(text)),
  'encoding-name': (label) => new TextDecoder(String(label)).encoding,
  decode: (input, bytes) => {
    const { encoding, fatal, ignoreBOM } = input as { encoding: string; fatal: boolean; ignoreBOM: boolean }
    return new TextDecoder(encoding, { fatal, ignoreBOM }).decode(bytes)
  },
  atob: (text) => atob(String(text)),
  btoa: (text) => btoa(String(text)),
  'url-parse': (input) => {
    const [url, base] = input as string[]
    return describeUrl(new URL(String(url), base))
  },
  'url-assign': (input) => {
    const [href, part, value] = input as string[]
    if (!urlParts.includes(part as UrlPart) || part === 'origin') return undefined
    const url = new URL(String(href))
    url[part as Exclude<UrlPart, 'origin'>] = String(value)
    return describeUrl(url)
  },
  'query-parse': (text) => [...new URLSearchParams(withValues(String(text)))],
  'query-format': (pairs) => new URLSearchParams(pairs as [string, string][]).toString(),
}

/** Runs an operation: bytes as they stand, anything else as JSON text, undefined when the arguments do not suit it. */
export const compute = (operation: string, json: string, bytes: Uint8Array): string | Uint8Array | undefined => {
  const run = Object.hasOwn(operations, operation) ? operations[operation] : undefined
  if (run === undefined || (json.length > maxUrlLength && !textOperations.has(operation))) return undefined
  try {
    const result = run(JSON.parse(json), bytes)
    return result instanceof Uint8Array || result === undefined ? result : JSON.stringify(result)
  } catch {
    return undefined
  }
}
