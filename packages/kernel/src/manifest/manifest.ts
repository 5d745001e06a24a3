// The normalised manifest: what every spelling (plugin.yaml, .toml, .json, frontmatter, the nested TOML shape) becomes.

import type { Risk } from '../function/risk.ts'
import type { JsonObject } from '../json.ts'
import type { Limits } from '../limits.ts'

export const pluginTypes = ['tool', 'auth', 'provider', 'channel', 'hook', 'skill', 'ui', 'library'] as const
/** What a plugin is for. */
export type PluginType = (typeof pluginTypes)[number]

export const tiers = ['script', 'wasm', 'component', 'process', 'container'] as const
/** What kind of artifact a plugin is. */
export type Tier = (typeof tiers)[number]

export const languages = ['javascript', 'typescript', 'lua', 'rune'] as const
/** Language of a script plugin. */
export type Language = (typeof languages)[number]

export const boundaries = ['inline', 'thread', 'jail'] as const
/** Where the cell runs, from the loosest to the tightest. */
export type Boundary = (typeof boundaries)[number]

export const protocols = ['jsonrpc', 'go-plugin', 'mcp'] as const
/** Protocol of a process or container plugin. */
export type Protocol = (typeof protocols)[number]

export const isolations = ['per-call', 'per-plugin'] as const
/** Whether each call gets fresh state. */
export type Isolation = (typeof isolations)[number]

/** One capability that a plugin asks for, in the grant spelling (`network:https://api.example.com/*`). */
export interface Ask {
  readonly capability: string
  readonly reason?: string
  readonly optional?: boolean
}

/** One callable of a plugin. */
export interface ActionSpec {
  readonly description?: string
  /** JSON Schema of the input; absent: anything. */
  readonly input?: JsonObject | boolean
  readonly output?: JsonObject | boolean
  readonly risk?: Risk
  readonly timeoutMs?: number
}

/** OS sandbox rules of a process plugin, as written. */
export interface SandboxSpec {
  readonly filesystem: { readonly writeAllow: readonly string[]; readonly readDeny: readonly string[] }
  readonly network: { readonly allow: readonly string[]; readonly proxy: boolean }
}

/** How a plugin runs. */
export interface ExecutionSpec {
  readonly tier: Tier
  readonly language?: Language
  /** Path relative to the plugin's folder. Its absence is an error at load, not at parse. */
  readonly entry?: string
  readonly modules: readonly { readonly name: string; readonly path: string }[]
  readonly protocol?: Protocol
  readonly boundary?: Boundary
  readonly isolation: Isolation
  readonly limits: Partial<Limits>
  readonly sandbox?: SandboxSpec
}

/** A parsed, validated and normalised manifest. */
export interface Manifest {
  readonly manifest: 1
  readonly name: string
  /** Semantic version 2.0.0. */
  readonly version: string
  readonly type: PluginType
  readonly description?: string
  readonly author?: string
  readonly license?: string
  readonly homepage?: string
  readonly keywords: readonly string[]
  /** Range of host versions. */
  readonly engine?: string
  readonly execution: ExecutionSpec
  readonly asks: readonly Ask[]
  /** `deny_capabilities`: patterns that the plugin itself renounces. Deny always wins. */
  readonly denies: readonly string[]
  readonly actions: Readonly<Record<string, ActionSpec>>
  /** Plugin name → semver range. */
  readonly dependencies: Readonly<Record<string, string>>
  readonly activation: { readonly events: readonly string[] }
  readonly lifecycle: { readonly hotReload: boolean; readonly gracefulShutdownTimeoutMs: number }
  /** JSON Schema of the plugin's configuration. */
  readonly config?: JsonObject
}
