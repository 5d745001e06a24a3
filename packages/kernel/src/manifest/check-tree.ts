// Checks a manifest that has been read: fields against the schemas, then what no schema can say. One pass finds all
// faults, so that an author mends a manifest once.

import { collectAsks, collectDenies } from './asks.ts'
import { type FlatManifest, flatManifest, minimumVersionKey, type NestedManifest, nestedManifest } from './authored.ts'
import { versionField } from './authored-fields.ts'
import { checkAsks } from './check-asks.ts'
import type { FaultAtPath, FieldPath } from './fault.ts'
import { checkSchemas } from './check-schemas.ts'
import { faultsOfIssues } from './issues.ts'
import type { Manifest, PluginType } from './manifest.ts'
import { makeManifest } from './normalise.ts'
import { isTable, makeTable } from './source-tree.ts'

/** Identity of a plugin whose manifest need not say it. */
export interface ManifestDefaults {
  readonly name: string
  readonly version: string
  readonly type: PluginType
}

/** What a manifest may leave out because its place says it. */
export interface CheckOptions {
  readonly defaultEntry?: string
  readonly defaults?: ManifestDefaults
}

/** What came of a tree. */
export interface CheckedTree {
  readonly manifest?: Manifest
  readonly faults: readonly FaultAtPath[]
  readonly warnings: readonly { readonly path: FieldPath; readonly message: string }[]
}

/** Checks what a reader found, as far as it goes. */
export const checkTree = (value: unknown, options: CheckOptions = {}): CheckedTree => {
  if (!isTable(value)) {
    const message = value === null ? 'is empty' : 'is not a table of fields'
    return { faults: [{ path: [], message, mend: 'Start with name, version and type.' }], warnings: [] }
  }
  const warnings: { path: FieldPath; message: string }[] = []
  const faults: FaultAtPath[] = []
  const given = Object.assign(makeTable(), options.defaults, value)
  const authored = takeForeignVersions(given, faults, warnings)
  const nested = Object.hasOwn(authored, 'plugin')
  const schema = nested ? nestedManifest : flatManifest
  const parsed = schema.safeParse(authored)
  if (!parsed.success) {
    const ofFields = faultsOfIssues(schema, authored, parsed.error.issues)
    faults.push(...ofFields.filter((fault) => !fault.path.includes('__proto__')))
  }

  // Fields without a fault of their own are good as they stand: the schemas transform nothing.
  const good = Object.fromEntries(
    Object.entries(authored).filter(([key]) => !faults.some((fault) => fault.path[0] === key)),
  ) as Partial<FlatManifest>
  const sources = {
    permissions: good.permissions,
    capabilities: good.capabilities,
    deny: good.deny_capabilities,
    sandbox: good.execution?.sandbox,
  }
  const asks = collectAsks(sources)
  const denies = collectDenies(sources)
  const { faults: ofPatterns, warnings: ofBreadth } = checkAsks(asks, denies)
  faults.push(...ofPatterns, ...refuseUnsafeKeys(value), ...checkSchemas(authored))
  warnings.push(...ofBreadth)
  if (faults.length > 0 || !parsed.success) return { faults, warnings }
  const manifest = makeManifest(parsed.data as FlatManifest | NestedManifest, {
    asks,
    denies,
    defaultEntry: options.defaultEntry,
  })
  return { manifest, faults, warnings }
}

/**
 * Takes `min_<host>_version` out of `[plugin]` for hosts other than Bulkhead: another program's version says nothing
 * about ours, so it is checked for its form, reported and not obeyed.
 */
const takeForeignVersions = (
  value: Record<string, unknown>,
  faults: FaultAtPath[],
  warnings: { path: FieldPath; message: string }[],
): Record<string, unknown> => {
  const plugin = Object.hasOwn(value, 'plugin') ? value['plugin'] : undefined
  if (!isTable(plugin)) return value
  const kept = makeTable()
  for (const [key, member] of Object.entries(plugin)) {
    const host = minimumVersionKey.exec(key)?.[1]
    if (host === undefined || host === 'bulkhead') {
      kept[key] = member
      continue
    }
    const path = ['plugin', key]
    if (versionField.safeParse(member).success) {
      warnings.push({ path, message: `is about ${host}, not Bulkhead; write engine for a range of Bulkhead versions` })
    } else faults.push({ path, message: 'is not a semantic version', mend: 'Write three numbers, as in 1.2.0.' })
  }
  return Object.assign(makeTable(), value, { plugin: kept })
}

/** `__proto__` is never meant: it is the key with which JavaScript programs are attacked. */
const refuseUnsafeKeys = (value: unknown, path: FieldPath = []): FaultAtPath[] => {
  if (typeof value !== 'object' || value === null) return []
  return Object.entries(value).flatMap(([key, member]): FaultAtPath[] => {
    const inner = [...path, Array.isArray(value) ? Number(key) : key]
    const here = { path: inner, message: 'is not allowed as a name', mend: 'Remove it.' }
    return key === '__proto__' ? [here] : refuseUnsafeKeys(member, inner)
  })
}
