// Faults between what a manifest asks and what it denies itself.

import { escapeLine } from '../text/escape.ts'
import type { Capability } from './capability.ts'
import { formatCapability } from './format.ts'
import { splitCapability } from './parse.ts'
import { readSubject } from './pattern.ts'
import type { ScopeRoots } from './scope/scope.ts'
import { type CapabilitySet, makeCapabilitySet } from './set.ts'

/** An ask that its own manifest takes back. */
export interface CapabilityConflict {
  readonly ask: string
  readonly deny: string
  /** One sentence for people. */
  readonly message: string
}

/**
 * Asks that a deny takes back whole: asking `exec.run` and denying `exec.*` is a mistake, asking `exec.*` and denying
 * `exec.run` a restriction. Decided on samples: words that nobody writes stand for the stars.
 * @throws BulkheadError `capability.invalid` for a pattern that is none
 */
export const findConflicts = (asks: readonly string[], denies: readonly string[]): CapabilityConflict[] => {
  const roots: ScopeRoots = { workspaceRoot: '/workspace', home: '/home' }
  const sets = denies.map((deny) => ({ deny, set: makeCapabilitySet([deny], roots) }))
  return asks.flatMap((ask) => {
    makeCapabilitySet([ask], roots)
    const found = sets.find(({ set }) => takesBack(ask, set, roots))
    return found === undefined
      ? []
      : [
          {
            ask,
            deny: found.deny,
            message: `"${escapeLine(ask, 200)}" is asked for, and denied by "${escapeLine(found.deny, 200)}"`,
          },
        ]
  })
}

const takesBack = (ask: string, deny: CapabilitySet, roots: ScopeRoots): boolean => {
  if (deny.patterns.includes(ask)) return true
  const samples = samplesOf(splitCapability(ask))
  return samples.length > 0 && samples.every((sample) => deny.touches(readSubject(sample, roots)))
}

const short = 'zqx7'
const long = 'zqx7.wvk9'

/** Capabilities that the ask covers, chosen so that a pattern that covers them all can hardly be narrower than the ask. */
const samplesOf = (ask: Capability): string[] => {
  const names = ask.name.includes('*') ? [short, long].map((word) => ask.name.replaceAll('*', word)) : [ask.name]
  if (ask.scope === undefined) return names
  const scopes = ask.name === 'network' ? networkSamples(ask.scope) : scopeSamples(ask)
  return scopes.map((scope) => formatCapability({ name: ask.name, scope }))
}

const scopeSamples = ({ name, scope = '' }: Capability): string[] => {
  // A block of addresses is taken back only by the same text, or by a denial without a scope.
  if (name === 'network.private') return scope.includes('/') ? ['192.0.2.1', '2001:db8::1'] : [scope]
  return scope.includes('*') ? [short, `${short}${short}`].map((word) => scope.replaceAll('*', word)) : [scope]
}

const networkSamples = (scope: string): string[] => {
  const space = scope.indexOf(' ')
  const methods = space > 0 && scope[0] !== '*' ? [scope.slice(0, space)] : ['GET', 'POST', 'ZQX']
  const place = scope.slice(space + 1)
  const [scheme, rest] = place.includes('://')
    ? place.split('://', 2)
    : [place.endsWith(':80') ? 'http' : 'https', place]
  const anyPath = place === '*' || !(rest ?? '').replace(/\/$/, '').includes('/')
  const address = (rest ?? '').replace(/\/$/, '').replace(/:\*/, ':65111')
  const places = (address === '*' ? ['http', 'https'] : [scheme ?? 'https']).flatMap((each) =>
    [short, `${short}${short}`].map(
      (word) => `${each}://${address.replaceAll('*', word)}${anyPath ? `/${word}/${word}` : ''}`,
    ),
  )
  return methods.flatMap((method) => places.map((each) => `${method} ${each}`))
}
