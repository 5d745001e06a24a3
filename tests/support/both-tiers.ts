// One plugin in both tiers that its source is for: the folder is copied once for each, and one line of its manifest changed.

import { cp, mkdir, readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { type BulkheadError, defineHostFunction, type Host, type HostOptions, openHost } from '@bulkhead/host'
import { z } from 'zod'

/** The two tiers. */
export const tiers = ['script', 'process'] as const

/** What a caller sees of one call. */
export interface Seen {
  readonly output?: unknown
  readonly error?: { readonly code: string; readonly message: string; readonly details: unknown }
  /** Lines of the call's log, with their levels. */
  readonly lines: readonly string[]
}

/** One call: action, input, and what else the caller says. */
export type Step = readonly [action: string, input?: unknown, options?: { readonly user?: string; timeoutMs?: number }]

/** Copies a plugin's folder with the tier's line in its manifest; the folder's name is the tier's. */
export const copyForTier = async (from: string, to: string, tier: (typeof tiers)[number]): Promise<string> => {
  const folder = join(to, tier)
  await cp(from, folder, { recursive: true })
  const path = join(folder, 'plugin.yaml')
  const manifest = await readFile(path, 'utf8')
  await writeFile(path, manifest.replace('tier: script', `tier: ${tier}`))
  return folder
}

/** What of a plugin is not its source. Texts of YAML: `execution` in that table, `more` at the top level. */
export interface PluginParts {
  readonly execution?: string
  readonly more?: string
  readonly entry?: string
}

/** Writes a plugin named `sample`, for the script tier, into a folder; returns its own. */
export const writeSample = async (folder: string, source: string, parts: PluginParts = {}): Promise<string> => {
  const { execution = '', more = '', entry = 'main.ts' } = parts
  const at = join(folder, 'sample')
  await mkdir(at, { recursive: true })
  await writeFile(
    join(at, 'plugin.yaml'),
    `manifest: 1\nname: sample\nversion: 1.0.0\ntype: tool\nexecution:\n  tier: script\n  entry: ${entry}\n${execution}${more}`,
  )
  await writeFile(join(at, entry), source)
  return at
}

/** A host with `source` as the plugin `sample` of the process tier alone. */
export const openInNode = async (
  folder: string,
  source: string,
  { host = {}, ...parts }: PluginParts & { readonly host?: HostOptions } = {},
): Promise<Host> => {
  const plugin = await copyForTier(await writeSample(folder, source, parts), folder, 'process')
  return openHost({ home: join(folder, 'home'), workspaceRoot: folder, plugins: [plugin], ...host })
}

/** A host function that answers with what it was asked. */
export const lookUp = defineHostFunction({
  name: 'orders.look_up',
  input: z.any(),
  output: z.any(),
  needs: () => [],
  risk: () => 'read-only',
  run: async ({ input }) => ({ got: input }),
})

/** Takes the steps one after the other on a host of its own. */
export const take = async (
  options: HostOptions & { readonly plugins: readonly [string] },
  name: string,
  steps: readonly Step[],
): Promise<readonly Seen[]> => {
  let lines: string[] = []
  await using host = await openHost({
    ...options,
    plugins: [...options.plugins],
    log: { write: ({ level, message }) => void lines.push(`${level} ${message}`) },
  })
  const seen: Seen[] = []
  for (const [action, input = null, callOptions = {}] of steps) {
    lines = []
    try {
      seen.push({ output: await host.call(name, action, input, callOptions), lines })
    } catch (thrown) {
      const { code, message, details } = thrown as BulkheadError
      seen.push({ error: { code, message, details }, lines })
    }
  }
  return seen
}
