// Bundles the sources of a plugin in a jail of their own, which ends with it: what hostile sources make of the bundler reaches
// neither the host nor a bundle of anybody else's. The host gives it the plugin's files, one by one, as they were hashed.

import { type Bundle, type BundleApart, bundleAction, readFunction } from '@bulkhead/bundle'
import type { Cells } from '@bulkhead/cell'
import {
  asBulkheadError,
  BulkheadError,
  type CallContext,
  defaultLimits,
  type HostReply,
  type JsonCaps,
  type Payload,
  packPayload,
  unpackPayload,
} from '@bulkhead/kernel'

const MiB = 1024 * 1024
/** What one bundle may take: time until the jail is ended, beside the bundler's own bounds, and size of what comes of it. */
const bounds = { wallMs: 30_000, outputBytes: 128 * MiB, hostCalls: 20_000 }
/** What the jail says is small but for two texts; its members are counted before they are made. */
const bundleCaps: JsonCaps = { maxLength: bounds.outputBytes, maxDepth: 2, maxMembers: 8 }
const pathCaps: JsonCaps = { maxLength: 16 * 1024, maxDepth: 2 }
const driverUrl = new URL(import.meta.resolve('@bulkhead/bundle/driver'))

/** Over the compartments of a host. */
export const makeBundleApart =
  (cells: Pick<Cells, 'open' | 'prepareJail'>): BundleApart =>
  async ({ entry, tree }, { name, domain }) => {
    const limits = { ...defaultLimits, ...bounds, concurrency: 1 }
    await using cell = await cells.open({
      boundary: 'jail',
      domain: `the sources of ${domain}`,
      driverUrl,
      log: () => undefined,
      artifact: {
        name: `the sources of ${name}`,
        digest: '',
        entry,
        bytes: new Uint8Array(),
        modules: [],
        config: {},
        functions: [readFunction],
        limits,
        isolation: 'per-call',
      },
    })
    // The plugin's own one starts meanwhile.
    cells.prepareJail()
    const dispatch = async (asked: string, payload: Payload): Promise<HostReply> => {
      try {
        const path = unpackPayload(payload, 'a path', pathCaps)
        if (asked !== readFunction || typeof path !== 'string')
          throw new BulkheadError('function.unknown', 'the bundler reads files')
        return { ok: true, payload: packPayload((await tree.read(path)) ?? null) }
      } catch (thrown) {
        return { ok: false, error: asBulkheadError(thrown).toJSON() }
      }
    }
    const principal = { id: domain, name, digest: '' }
    const context: CallContext = {
      callId: `bundle ${domain}`,
      principal,
      chain: [],
      action: bundleAction,
      workspaceRoot: '/',
      deadlineMs: performance.now() + limits.wallMs,
      limits,
      signal: new AbortController().signal,
    }
    const { output } = await cell.call({
      action: bundleAction,
      input: { kind: 'value', payload: packPayload({ entry }) },
      output: 'value',
      context,
      dispatch,
      log: () => undefined,
    })
    return bundleOf(output.kind === 'value' ? unpackPayload(output.payload, 'a bundle', bundleCaps) : undefined)
  }

/** It comes from the jail, so that nothing is taken for granted. */
const bundleOf = (value: unknown): Bundle => {
  const { code, map, annotations } = (value ?? {}) as Record<string, unknown>
  if (typeof code === 'string' && isTextOrAbsent(map) && isTextOrAbsent(annotations)) {
    return { code, ...(map === undefined ? {} : { map }), ...(annotations === undefined ? {} : { annotations }) }
  }
  throw new BulkheadError('artifact.compile', 'the bundler broke down over the sources of the plugin')
}

const isTextOrAbsent = (value: unknown): value is string | undefined => value === undefined || typeof value === 'string'
