// Which principals are known, and what their manifests ask and deny. Known means known at this digest: a changed plugin
// is another one until the host registers it.

import { type CapabilitySet, makeCapabilitySet } from '../capability/set.ts'
import type { Principal } from '../principal.ts'
import { PatternSource, type SetRoots } from './pattern-source.ts'

/** What a plugin is registered with. */
export interface Registration {
  readonly asks: readonly string[]
  readonly denies: readonly string[]
  /** There is no manifest: the plugin asks exactly what its invocation grants. */
  readonly manifestless?: boolean
}

/** A registered principal: its sets, resolved for one workspace. */
export class RegisteredPrincipal {
  /** It asks exactly what is granted. */
  readonly manifestless: boolean
  readonly #asks: readonly string[]
  readonly #denies: readonly string[]
  readonly #askSource = new PatternSource('allow')
  readonly #denySource = new PatternSource('deny')
  readonly #grantSource = new PatternSource('allow')

  constructor({ asks, denies, manifestless }: Registration) {
    this.#asks = Object.freeze([...asks])
    this.#denies = Object.freeze([...denies])
    this.manifestless = manifestless === true
  }

  asks(roots: SetRoots): CapabilitySet {
    return this.#askSource.setOf(roots, this.#asks)
  }

  denies(roots: SetRoots): CapabilitySet {
    return this.#denySource.setOf(roots, this.#denies)
  }

  /** The set of what was granted, as the lists say now. */
  grants(roots: SetRoots, granted: readonly string[], toAll: readonly string[]): CapabilitySet {
    return this.#grantSource.setOf(roots, granted, toAll)
  }
}

/** The registry. */
export interface Registrations {
  register(principal: Principal, registration: Registration): void
  unregister(principal: Principal): void
  /** Undefined when the principal is not registered at its digest. */
  find(principal: Principal): RegisteredPrincipal | undefined
}

/** Makes an empty registry. */
export const makeRegistrations = (): Registrations => {
  const byDigest = new Map<string, Map<string, RegisteredPrincipal>>()
  return {
    register: (principal, registration) => {
      // Checked here, once: a denial that could not be read would otherwise deny nothing.
      makeCapabilitySet([...registration.asks, ...registration.denies], { workspaceRoot: '/', home: '/' })
      let byId = byDigest.get(principal.digest)
      if (byId === undefined) byDigest.set(principal.digest, (byId = new Map()))
      byId.set(principal.id, new RegisteredPrincipal(registration))
    },
    unregister: ({ digest, id }) => {
      const byId = byDigest.get(digest)
      byId?.delete(id)
      if (byId?.size === 0) byDigest.delete(digest)
    },
    find: ({ digest, id }) => byDigest.get(digest)?.get(id),
  }
}
