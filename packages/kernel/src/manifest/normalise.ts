// From the authored shape to the one manifest that everything else reads: names unified, quantities in ms and bytes,
// tier and language inferred from the entry. Takes only what has passed the schemas; decides nothing about faults.

import { limitNames, limitSpecs, parseLimit } from '../limit-specs.ts'
import { type Limits, parseDurationMs } from '../limits.ts'
import type { PlacedAsk, PlacedDeny } from './asks.ts'
import type { AuthoredAction, AuthoredExecution, FlatManifest, NestedManifest } from './authored.ts'
import type { ActionSpec, ExecutionSpec, Language, Manifest, SandboxSpec, Tier } from './manifest.ts'

/** Time for calls in flight when a plugin stops and its manifest says nothing, ms. */
export const defaultGracefulShutdownMs = 30_000

const tierOfExtension: Readonly<Record<string, { tier: Tier; language?: Language }>> = {
  js: { tier: 'script', language: 'javascript' },
  mjs: { tier: 'script', language: 'javascript' },
  cjs: { tier: 'script', language: 'javascript' },
  jsx: { tier: 'script', language: 'javascript' },
  ts: { tier: 'script', language: 'typescript' },
  mts: { tier: 'script', language: 'typescript' },
  tsx: { tier: 'script', language: 'typescript' },
  lua: { tier: 'script', language: 'lua' },
  rune: { tier: 'script', language: 'rune' },
  rn: { tier: 'script', language: 'rune' },
  wasm: { tier: 'wasm' },
}

/** What the extension of an artifact says about its tier and language; undefined when it says nothing. */
export const artifactKind = (path: string): { tier: Tier; language?: Language } | undefined => {
  const extension = /\.([A-Za-z0-9]{1,10})$/.exec(path)?.[1]?.toLowerCase()
  return extension !== undefined && Object.hasOwn(tierOfExtension, extension) ? tierOfExtension[extension] : undefined
}

/** The limits that the author wrote, in ms and bytes. */
export const makeLimits = (authored: NonNullable<AuthoredExecution['limits']> = {}): Partial<Limits> => {
  const entries = limitNames.flatMap((name) => {
    const value = authored[name]
    if (value === undefined) return []
    return [[limitSpecs[name].field, typeof value === 'number' ? value : parseLimit(name, value)]]
  })
  return Object.fromEntries(entries) as Partial<Limits>
}

const makeSandbox = (authored: NonNullable<AuthoredExecution['sandbox']>): SandboxSpec => ({
  filesystem: {
    writeAllow: authored.filesystem?.write_allow ?? [],
    readDeny: authored.filesystem?.read_deny ?? [],
  },
  network: { allow: authored.network?.allow ?? [], proxy: authored.network?.proxy ?? false },
})

/** The table `execution`, with what its entry implies. */
export const makeExecution = (authored: AuthoredExecution, defaultEntry?: string): ExecutionSpec => {
  const entry = authored.entry ?? defaultEntry
  const kind = entry === undefined ? undefined : artifactKind(entry)
  const tier = authored.tier ?? kind?.tier ?? 'wasm'
  const language = authored.language ?? (tier === 'script' ? kind?.language : undefined)
  const modules = authored.modules ?? []
  return {
    tier,
    modules: Array.isArray(modules) ? modules : Object.entries(modules).map(([name, path]) => ({ name, path })),
    isolation: authored.isolation ?? 'per-call',
    limits: makeLimits(authored.limits),
    ...(language === undefined ? {} : { language }),
    ...(entry === undefined ? {} : { entry }),
    ...(authored.protocol === undefined ? {} : { protocol: authored.protocol }),
    ...(authored.boundary === undefined ? {} : { boundary: authored.boundary }),
    ...(authored.sandbox === undefined ? {} : { sandbox: makeSandbox(authored.sandbox) }),
  }
}

const makeAction = (authored: AuthoredAction): ActionSpec => ({
  ...(authored.description === undefined ? {} : { description: authored.description }),
  ...(authored.input === undefined ? {} : { input: authored.input as NonNullable<ActionSpec['input']> }),
  ...(authored.output === undefined ? {} : { output: authored.output as NonNullable<ActionSpec['output']> }),
  ...(authored.risk === undefined ? {} : { risk: authored.risk }),
  ...(authored.timeout === undefined ? {} : { timeoutMs: parseDurationMs(authored.timeout) }),
})

/** Copies a table without giving it a prototype, so that no name (`constructor`) is found that nobody wrote. */
const mapTable = <From, To>(table: Record<string, From> | undefined, map: (value: From) => To): Record<string, To> => {
  const result = Object.create(null) as Record<string, To>
  for (const [key, value] of Object.entries(table ?? {})) result[key] = map(value)
  return result
}

/** What {@link makeManifest} needs beside the authored fields. */
export interface NormaliseOptions {
  readonly asks: readonly PlacedAsk[]
  readonly denies: readonly PlacedDeny[]
  /** Entry when the manifest names none. */
  readonly defaultEntry?: string | undefined
}

/** Makes the manifest. `asks` and `denies` have been collected (and checked) before. */
export const makeManifest = (
  authored: FlatManifest | NestedManifest,
  { asks, denies, ...options }: NormaliseOptions,
): Manifest => {
  const nested = 'plugin' in authored ? authored.plugin : undefined
  const identity = 'plugin' in authored ? authored.plugin : authored
  const least = nested?.min_bulkhead_version
  const engine = authored.engine ?? (least === undefined ? undefined : `>=${least}`)
  const otherTier = authored.execution?.tier !== undefined && authored.execution.tier !== 'wasm'
  const defaultEntry =
    nested === undefined || (otherTier && nested.wasm === undefined)
      ? options.defaultEntry
      : (nested.wasm ?? options.defaultEntry ?? 'plugin.wasm')
  return {
    manifest: 1,
    name: identity.name,
    version: identity.version,
    type: identity.type,
    ...(identity.description === undefined ? {} : { description: identity.description }),
    ...(identity.author === undefined ? {} : { author: identity.author }),
    ...(identity.license === undefined ? {} : { license: identity.license }),
    ...(identity.homepage === undefined ? {} : { homepage: identity.homepage }),
    keywords: identity.keywords ?? [],
    ...(engine === undefined ? {} : { engine }),
    execution: makeExecution(authored.execution ?? {}, defaultEntry),
    asks: asks.map(({ path: _, ...ask }) => ask),
    denies: denies.map((deny) => deny.capability),
    actions: mapTable(authored.actions, makeAction),
    dependencies: mapTable(authored.dependencies, (range) => range),
    activation: { events: authored.activation?.events ?? [] },
    lifecycle: {
      hotReload: authored.lifecycle?.hot_reload ?? false,
      gracefulShutdownTimeoutMs:
        authored.lifecycle?.graceful_shutdown_timeout === undefined
          ? defaultGracefulShutdownMs
          : parseDurationMs(authored.lifecycle.graceful_shutdown_timeout),
    },
    ...(authored.config === undefined ? {} : { config: authored.config as NonNullable<Manifest['config']> }),
  }
}
