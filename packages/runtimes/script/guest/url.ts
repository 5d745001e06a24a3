// URL and URLSearchParams. Parsing a URL is the outer engine's (WHATWG URL, pure); these classes hold the result.

import { formatQuery, parseQuery, type Utf8 } from './query.ts'

type Compute = (operation: string, input: unknown) => unknown
type Parts = Record<string, string>

const readable = ['origin'] as const
const writable = [
  'href',
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

/** Makes the two classes. */
export const makeUrlGlobals = (compute: Compute, utf8: Utf8) => {
  class URLSearchParams {
    #pairs: [string, string][]
    #changed: () => void = () => {}

    constructor(init: unknown = '') {
      this.#pairs = pairsOf(init)
    }
    /** Links the parameters to their URL. */
    static linked(pairs: [string, string][], changed: () => void): URLSearchParams {
      const params = new URLSearchParams()
      params.#pairs = pairs
      params.#changed = changed
      return params
    }
    get size(): number {
      return this.#pairs.length
    }
    get(name: string): string | null {
      return this.#pairs.find(([key]) => key === String(name))?.[1] ?? null
    }
    getAll(name: string): string[] {
      return this.#pairs.filter(([key]) => key === String(name)).map(([, value]) => value)
    }
    has(name: string): boolean {
      return this.#pairs.some(([key]) => key === String(name))
    }
    append(name: string, value: string): void {
      this.#pairs.push([String(name), String(value)])
      this.#changed()
    }
    delete(name: string): void {
      this.#pairs = this.#pairs.filter(([key]) => key !== String(name))
      this.#changed()
    }
    set(name: string, value: string): void {
      const at = this.#pairs.findIndex(([key]) => key === String(name))
      if (at < 0) return this.append(name, value)
      this.#pairs = this.#pairs.filter(([key], index) => index <= at || key !== String(name))
      this.#pairs[at] = [String(name), String(value)]
      this.#changed()
    }
    sort(): void {
      this.#pairs.sort(([a], [b]) => (a < b ? -1 : a > b ? 1 : 0))
      this.#changed()
    }
    forEach(run: (value: string, name: string) => void): void {
      for (const [name, value] of this.#pairs) run(value, name)
    }
    keys() {
      return this.#pairs.map(([key]) => key).values()
    }
    values() {
      return this.#pairs.map(([, value]) => value).values()
    }
    entries() {
      return this.#pairs.map((pair): [string, string] => [...pair]).values()
    }
    [Symbol.iterator]() {
      return this.entries()
    }
    toString(): string {
      return formatQuery(this.#pairs)
    }
  }
  const pairsOf = (init: unknown): [string, string][] => {
    if (typeof init === 'object' && init !== null) {
      const entries = Symbol.iterator in init ? [...(init as Iterable<[unknown, unknown]>)] : Object.entries(init)
      return entries.map(([name, value]) => [String(name), String(value)])
    }
    return parseQuery(String(init), utf8)
  }

  class URL {
    #parts: Parts
    readonly searchParams: URLSearchParams

    constructor(url: unknown, base?: unknown) {
      const parts = compute('url-parse', base === undefined ? [String(url)] : [String(url), String(base)])
      if (parts === undefined) throw new TypeError(`"${String(url).slice(0, 200)}" is not a URL`)
      this.#parts = parts as Parts
      this.searchParams = URLSearchParams.linked(pairsOf(this.#parts['search']), () => {
        this.#assign('search', this.searchParams.toString())
      })
    }
    static canParse(url: unknown, base?: unknown): boolean {
      return compute('url-parse', base === undefined ? [String(url)] : [String(url), String(base)]) !== undefined
    }
    #assign(name: string, value: string): void {
      const parts = compute('url-assign', [this.#parts['href'], name, value])
      if (parts !== undefined) this.#parts = parts as Parts
    }
    static {
      for (const name of [...readable, ...writable]) {
        Object.defineProperty(URL.prototype, name, {
          configurable: true,
          enumerable: true,
          get(this: URL) {
            return this.#parts[name]
          },
          ...(name === 'origin'
            ? {}
            : {
                set(this: URL, value: unknown) {
                  this.#assign(name, String(value))
                },
              }),
        })
      }
    }
    toString(): string {
      return this.#parts['href'] ?? ''
    }
    toJSON(): string {
      return this.toString()
    }
  }
  return { URL, URLSearchParams }
}
