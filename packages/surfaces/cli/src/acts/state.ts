// What `bulkhead state` does: shows and clears what plugins have stored, for whoever runs them.

import type { Host, StorageEntry, StorageSpace, StorageUse } from '@bulkhead/host'
import { BulkheadError, escapeLine } from '@bulkhead/host/terms'
import { withPlugin } from '../open-plugin.ts'
import { pathOf } from '../plugin-name.ts'
import { jsonText } from '../output/json.ts'
import { tableText } from '../output/table.ts'
import type { Report } from '../report.ts'
import type { Session } from '../session.ts'
import { usageError } from '../usage.ts'

/** Options of `state list`. */
export interface ListOptions {
  readonly prefix?: string
  readonly limit: number
  readonly cursor?: string
}

/** Options of `state clear`. */
export interface ClearOptions {
  readonly prefix?: string
  readonly yes?: boolean
}

const shared: Readonly<Record<string, StorageSpace>> = {
  '@workspace': { scope: 'workspace' },
  '@global': { scope: 'global' },
}

/**
 * The error with those who store something under that name or path: a plugin that ran by its path is not installed, and what
 * one kept whose folder is gone stays.
 */
const withOwnersNamed = async (session: Session, named: string, thrown: BulkheadError): Promise<BulkheadError> => {
  await using host = await session.library.openHost({
    home: session.home,
    workspaceRoot: session.io.cwd,
    env: session.io.env,
  })
  const path = pathOf(named, session.io.cwd)
  const isOf = (owner: string): boolean =>
    path === undefined ? owner.endsWith(`#${named}`) : owner.startsWith(`file:${path}#`)
  const owners = (await host.storage.list()).filter((use) => use.scope === 'plugin' && isOf(use.owner))
  if (owners.length === 0) return thrown
  return new BulkheadError(thrown.code, thrown.message, {
    hint: `Name whose data it is: ${owners
      .slice(0, 5)
      .map((use) => `'${escapeLine(use.owner, 4096)}'`)
      .join(' or ')}.`,
    ...(thrown.details === undefined ? {} : { details: thrown.details }),
  })
}

/** Runs `use` with the namespace that a person named. */
const withSpace = async (
  session: Session,
  owner: string,
  use: (host: Host, space: StorageSpace) => Promise<Report>,
): Promise<Report> => {
  const isPrincipal = /^[a-z]+:/.test(owner)
  const space = Object.hasOwn(shared, owner) ? shared[owner] : undefined
  if (space === undefined && !isPrincipal) {
    if (owner.startsWith('@')) {
      throw usageError(`"${escapeLine(owner)}" is shared by nobody`, 'Write @workspace or @global.')
    }
    try {
      return await withPlugin(session, owner, {}, (host, plugin) => use(host, { scope: 'plugin', plugin: plugin.id }))
    } catch (thrown) {
      const isAbsent = thrown instanceof BulkheadError && ['plugin.unknown', 'artifact.missing'].includes(thrown.code)
      throw isAbsent ? await withOwnersNamed(session, owner, thrown) : thrown
    }
  }
  await using host = await session.library.openHost({
    home: session.home,
    workspaceRoot: session.io.cwd,
    env: session.io.env,
  })
  return await use(host, space ?? { scope: 'plugin', plugin: owner })
}

const ownerOf = (use: StorageUse): string =>
  use.scope === 'plugin' ? (use.plugin ?? use.owner) : use.scope === 'global' ? '@global' : use.owner

/** Who stores how much. */
export const listOwners = async (session: Session): Promise<Report> => {
  await using host = await session.library.openHost({
    home: session.home,
    discover: true,
    workspaceRoot: session.io.cwd,
    env: session.io.env,
  })
  const spaces = await host.storage.list()
  const text = await tableText(
    spaces,
    [
      { head: 'SCOPE', cell: (use) => use.scope },
      { head: 'KEYS', cell: (use) => String(use.keys) },
      { head: 'BYTES', cell: (use) => String(use.bytes) },
      { head: 'WHOSE', cell: ownerOf, most: 4096 },
    ],
    { colors: session.colors.out },
  )
  return { json: { spaces }, text: spaces.length === 0 ? 'Nothing is stored.\n' : text }
}

const valueText = (value: unknown): string => jsonText(value)

const entriesText = (entries: readonly StorageEntry[], session: Session): Promise<string> => {
  const { out } = session.colors
  const { columns } = session.io.stdout
  return tableText(
    entries,
    [
      { head: 'KEY', cell: (entry) => entry.key, paint: (cell) => out.bold(cell), most: 100 },
      { head: 'VERSION', cell: (entry) => String(entry.version) },
      { head: 'VALUE', cell: (entry) => valueText(entry.value), most: 200 },
    ],
    { colors: out, ...(columns === undefined ? {} : { width: columns }) },
  )
}

/** A page of keys and values. */
export const listEntries = (session: Session, owner: string, { prefix, limit, cursor }: ListOptions): Promise<Report> =>
  withSpace(session, owner, async (host, space) => {
    const page = await host.storage.entries(space, {
      limit,
      ...(prefix === undefined ? {} : { prefix }),
      ...(cursor === undefined ? {} : { cursor }),
    })
    return {
      json: page,
      text: page.entries.length === 0 ? '' : await entriesText(page.entries, session),
      notes: [
        ...(page.entries.length === 0 ? ['no keys'] : []),
        ...(page.cursor === undefined ? [] : [`there are more: --cursor ${escapeLine(jsonText(page.cursor), 1000)}`]),
      ],
    }
  })

const keyUnknown = (owner: string, key: string): BulkheadError =>
  usageError(`${escapeLine(owner)} stores nothing under "${escapeLine(key)}"`, `Run: bulkhead state list ${owner}.`)

/** One value as JSON. @throws BulkheadError `usage.invalid` for a key that is not there */
export const getValue = (session: Session, owner: string, key: string): Promise<Report> =>
  withSpace(session, owner, async (host, space) => {
    const entry = await host.storage.get(space, key)
    if (entry === undefined) throw keyUnknown(owner, key)
    return { json: { ...entry }, text: `${jsonText(entry.value, 2)}\n` }
  })

/** Deletes one key. @throws BulkheadError `usage.invalid` for a key that is not there */
export const deleteKey = (session: Session, owner: string, key: string): Promise<Report> =>
  withSpace(session, owner, async (host, space) => {
    if (!(await host.storage.delete(space, key))) throw keyUnknown(owner, key)
    return { json: { deleted: key }, text: '' }
  })

const confirm = async (session: Session, what: string): Promise<void> => {
  const { io } = session
  if (!io.stderr.isTTY || !io.stdin.isTTY) {
    throw usageError(`nobody is at a terminal to confirm that ${what} is deleted`, 'Pass --yes.')
  }
  const answer = await io.ask(`Delete ${what}? [y/N] `, session.signal)
  if (!/^y(?:es)?$/i.test(answer?.trim() ?? '')) throw usageError(`${what} is kept: the answer was no`)
}

/** Deletes all keys, or those with a prefix, after a question. */
export const clear = (session: Session, owner: string, { prefix, yes = false }: ClearOptions): Promise<Report> =>
  withSpace(session, owner, async (host, space) => {
    const part = prefix === undefined ? 'all that' : `the keys "${escapeLine(prefix)}…" that`
    if (!yes) await confirm(session, `${part} ${escapeLine(owner)} stores`)
    const cleared = await host.storage.clear(space, prefix === undefined ? {} : { prefix })
    return { json: { cleared }, text: '', notes: [`${cleared} ${cleared === 1 ? 'key' : 'keys'} deleted`] }
  })
