// The events of a host, as types. Nothing here runs.

import type { CallMetrics, PluginState, WireError } from '@bulkhead/kernel'

/** A plugin that could not be used, and why; discovery reports it and goes on. */
export interface SkippedPlugin {
  readonly path: string
  readonly error: WireError
}

/** Events of a host. */
export interface HostEvents {
  'plugin:state': {
    readonly id: string
    readonly from: PluginState
    readonly to: PluginState
    readonly generation: number
  }
  'plugin:loaded': { readonly id: string; readonly loadMs: number; readonly generation: number }
  'plugin:unloaded': { readonly id: string; readonly generation: number }
  /** A compartment of it came to its end, or could not begin; `generation` is the start that it belongs to. */
  'plugin:crashed': { readonly id: string; readonly error: WireError; readonly generation: number }
  /** It is started again after a crash. */
  'plugin:restarted': { readonly id: string; readonly generation: number }
  /** A call came back well after a crash. */
  'plugin:healthy': { readonly id: string; readonly generation: number }
  /** It used up its crash budget, and is started no more until somebody says so. */
  'plugin:quarantined': {
    readonly id: string
    readonly error: WireError
    readonly crashes: number
    readonly generation: number
  }
  /** A process that was kept for it was stopped because nobody needed it. */
  'plugin:rested': { readonly id: string; readonly generation: number }
  /** A new copy took its place; the one before finishes its calls and ends. */
  'plugin:reloaded': { readonly id: string; readonly from: number; readonly generation: number }
  /** Its files changed, and what lies there now did not come in; what ran before goes on. */
  'plugin:reload-failed': { readonly id: string; readonly error: WireError }
  'plugin:skipped': SkippedPlugin
  'call:end': { readonly id: string; readonly action: string; readonly ok: boolean; readonly metrics: CallMetrics }
}
