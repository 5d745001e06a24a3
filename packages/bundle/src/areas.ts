// Which areas of the context (`host.http` and so on) a plugin of the SDK gets: those whose capabilities its manifest asks
// for, and those that need none.

import type { Manifest } from '@bulkhead/kernel'

const areaOfName: Readonly<Record<string, string>> = {
  network: 'http',
  http: 'http',
  filesystem: 'fs',
  fs: 'fs',
  env: 'env',
  storage: 'kv',
  kv: 'kv',
  notes: 'notes',
}

/** They only compute. */
const pureAreas = ['graph', 'yaml', 'csv', 'regex', 'time']

/** The areas of the context: those whose capabilities the manifest names, and those that need none. */
export const areasOf = (manifest: Manifest): string[] => {
  const areas = manifest.asks.map(({ capability }) => {
    const name = capability.split(/[.:*]/, 1)[0] ?? ''
    return name === '' ? Object.values(areaOfName) : [areaOfName[name]]
  })
  return [...new Set([...areas.flat(), ...pureAreas])].filter((area): area is string => area !== undefined)
}
