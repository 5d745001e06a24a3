// What a capability is. How one is parsed, canonicalised and matched stands in the files beside this one.

/**
 * What a host function needs for one concrete call: a dotted name and perhaps a scope, for example
 * `{ name: 'network', scope: 'GET https://api.example.com:443/v1/x' }` or `{ name: 'storage' }`.
 * The name splits at dots; the scope never does.
 */
export interface Capability {
  readonly name: string
  readonly scope?: string
}
