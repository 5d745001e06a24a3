// Which principals are known, and what their manifests ask and deny. Known means known at this digest: a changed plugin
// is another one until the host registers it.

import { type CapabilitySet, makeCapabilitySet } from '../capability/set.ts'
import type { Principal } from '../principal.ts'
import { makeSetCache, type SetCache } from './set-cache.ts'

/** What a plugin is registered with. */
export interface Registration {
  readonly asks: readonly string[]
  readonly denies: readonly string[]
  /** There is no manifest: the plugin asks exactly what its invocation grants. */
  readonly manifestless?: boolean
}

/** A registered principal's sets, resolved for one workspace. */
export interface RegisteredSets {
  readonly asks: CapabilitySet | 'what is granted'
  readonly denies: CapabilitySet
}

/** The registry. */
export interface Registrations {
  register(principal: Principal, registration: Registration): void
  unregister(principal: Principal): void
  /** Undefined when the principal is not registered at its digest. */
  setsOf(principal: Principal, roots: { workspaceRoot: string; home?: string }): RegisteredSets | undefined
  /** Compiled grants and policy sets, for whoever decides. */
  readonly cache: SetCache
}

const keyOf = (principal: Principal): string => `${principal.digest}\u0000${principal.id}`

/** Makes an empty registry. */
export const makeRegistrations = (): Registrations => {
  const known = new Map<string, Registration>()
  const cache = makeSetCache()
  return {
    cache,
    register: (principal, registration) => {
      // Checked here, once: a denial that could not be read would otherwise deny nothing.
      makeCapabilitySet([...registration.asks, ...registration.denies], { workspaceRoot: '/', home: '/' })
      known.set(keyOf(principal), {
        asks: Object.freeze([...registration.asks]),
        denies: Object.freeze([...registration.denies]),
        manifestless: registration.manifestless === true,
      })
    },
    unregister: (principal) => {
      known.delete(keyOf(principal))
    },
    setsOf: (principal, roots) => {
      const key = keyOf(principal)
      const registration = known.get(key)
      if (registration === undefined) return undefined
      return {
        asks:
          registration.manifestless === true
            ? 'what is granted'
            : cache.allowSet(`asks\u0000${key}`, registration.asks, roots),
        denies: cache.denySet(`denies\u0000${key}`, registration.denies, roots),
      }
    },
  }
}
