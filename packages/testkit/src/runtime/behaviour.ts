// What the suite knows of a plugin: behaviours by name. Each tier brings one artifact whose actions are these; nothing
// here knows a language or an ABI.

import type { Language, PluginArtifact, Protocol } from '@bulkhead/kernel'

/** Action name → what it has to do. Values are JSON unless a case calls it with bytes. */
export const behaviours = {
  echo: 'returns its input; bytes come back as bytes',
  count: 'adds one to a number that it keeps in its own state and returns it, from 1; up to 9',
  ask: 'calls the host function test.ask with its input and returns the answer; a refusal ends the call',
  pester: 'calls test.ask for ever, one call after another, and lets a refusal end the call',
  chat: 'writes its input as one log line of the level info and returns null',
  fail: 'fails of its own doing, with the words "not today"',
  spin: 'loops for ever',
  hoard: 'takes memory until it gets no more, and then fails',
  recurse: 'calls itself without end',
  flood: 'returns two mebibytes',
} as const

/** See {@link behaviours}. */
export type Behaviour = keyof typeof behaviours

/** The host function that the artifact of a tier may reach. */
export const askedFunction = 'test.ask'

/** What a tier brings: its own artifact with every behaviour as an action. */
export type ConformanceFixture = Pick<PluginArtifact, 'entry' | 'entryBytes'> &
  Partial<Pick<PluginArtifact, 'modules'>> & { readonly protocol?: Protocol; readonly language?: Language }
