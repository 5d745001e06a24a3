// Every way to ask becomes one list, in the spelling of grants. Which ask a wish becomes is decided here and nowhere
// else; what an ask covers is the business of the capability matchers.

import type { AuthoredCapabilities, AuthoredPermissions } from './authored-asks.ts'
import type { AuthoredExecution } from './authored.ts'
import type { FieldPath } from './fault.ts'
import type { Ask } from './manifest.ts'

/** An ask, and the field that it came from. */
export interface PlacedAsk extends Ask {
  readonly path: FieldPath
}

/** A deny pattern, and the field that it came from. */
export interface PlacedDeny {
  readonly capability: string
  readonly path: FieldPath
}

/** The parts of a manifest that ask or renounce. */
export interface AskSources {
  readonly permissions?: AuthoredPermissions | undefined
  readonly capabilities?: AuthoredCapabilities | undefined
  readonly deny?: readonly string[] | undefined
  readonly sandbox?: AuthoredExecution['sandbox'] | undefined
}

type Wish = string | { readonly reason?: string | undefined; readonly optional?: boolean | undefined }
type Wishes =
  | readonly Wish[]
  | boolean
  | { readonly reason?: string | undefined; readonly optional?: boolean | undefined }

const ask = (capability: string, wish: Wish | boolean, path: FieldPath): PlacedAsk => ({
  capability,
  path,
  ...(typeof wish === 'object' && wish.reason !== undefined ? { reason: wish.reason } : {}),
  ...(typeof wish === 'object' && wish.optional !== undefined ? { optional: wish.optional } : {}),
})

/** The one text of a wish: itself, or the member that is neither `reason` nor `optional`. */
const textOf = (wish: Wish): string => {
  if (typeof wish === 'string') return wish
  const entry = Object.entries(wish).find(([key]) => key !== 'reason' && key !== 'optional')
  return typeof entry?.[1] === 'string' ? entry[1] : ''
}

const each = (wishes: Wishes | undefined, path: FieldPath, spell: (text: string) => string): PlacedAsk[] =>
  Array.isArray(wishes)
    ? (wishes as readonly Wish[]).map((wish, index) => ask(spell(textOf(wish)), wish, [...path, index]))
    : []

/** `true` or a table asks for the whole; a list for its parts. */
const wholeOrEach = (
  wishes: Wishes | undefined,
  path: FieldPath,
  spell: { readonly whole: string; each(text: string): string },
): PlacedAsk[] => {
  if (wishes === undefined || wishes === false) return []
  return Array.isArray(wishes) ? each(wishes, path, spell.each) : [ask(spell.whole, wishes as Wish | boolean, path)]
}

const network = (text: string) => `network:${text}`
const env = (text: string) => `env:${text}`
const storage = { whole: 'storage', each: (scope: string) => (scope === 'plugin' ? 'storage' : `storage.${scope}`) }

const filesystem = (from: AuthoredPermissions['filesystem'], path: FieldPath): PlacedAsk[] => {
  const read = (text: string) => `filesystem.read:${text}`
  const write = (text: string) => `filesystem.write:${text}`
  if (from === undefined) return []
  if (Array.isArray(from)) return [...each(from, path, read), ...each(from, path, write)]
  const table = from as Exclude<typeof from, readonly unknown[]>
  return [...each(table.read, [...path, 'read'], read), ...each(table.write, [...path, 'write'], write)]
}

const fromPermissions = (from: AuthoredPermissions | undefined): PlacedAsk[] => {
  if (from === undefined) return []
  const at = (kind: string): FieldPath => ['permissions', kind]
  const verbs = (kind: 'notes' | 'graph' | 'events' | 'messages') =>
    wholeOrEach(from[kind], at(kind), { whole: `${kind}.*`, each: (verb) => `${kind}.${verb}` })
  return [
    ...each(from.network, at('network'), network),
    ...filesystem(from.filesystem, at('filesystem')),
    ...each(from.env, at('env'), env),
    ...wholeOrEach(from.storage, at('storage'), storage),
    ...each(from.exec, at('exec'), (command) => `exec:${command}`),
    ...verbs('notes'),
    ...verbs('graph'),
    ...verbs('events'),
    ...verbs('messages'),
  ]
}

const fromCapabilities = (from: AuthoredCapabilities | undefined): PlacedAsk[] => {
  const path: FieldPath = ['capabilities']
  if (from === undefined) return []
  if (Array.isArray(from)) return each(from as readonly Wish[], path, (text) => text)
  const table = from as Exclude<AuthoredCapabilities, readonly unknown[]>
  return [
    ...wholeOrEach(table.storage, [...path, 'storage'], storage),
    ...each(table.http, [...path, 'http'], network),
    ...each(table.env, [...path, 'env'], env),
    ...(table.shell === true ? [ask('exec:*', true, [...path, 'shell'])] : []),
    ...filesystem(table.filesystem, [...path, 'filesystem']),
  ]
}

/** What the OS sandbox is told to allow is asked for like anything else, so that an operator sees and grants it. */
const fromSandbox = (sandbox: AskSources['sandbox']): PlacedAsk[] => {
  const path: FieldPath = ['execution', 'sandbox']
  return [
    ...each(sandbox?.network?.allow, [...path, 'network', 'allow'], network),
    ...each(
      sandbox?.filesystem?.write_allow,
      [...path, 'filesystem', 'write_allow'],
      (text) => `filesystem.write:${text}`,
    ),
  ]
}

/** All asks of a manifest in the order of its fields; each capability once (the first wins). */
export const collectAsks = (from: AskSources): PlacedAsk[] => {
  const all = [
    ...fromPermissions(from.permissions),
    ...fromCapabilities(from.capabilities),
    ...fromSandbox(from.sandbox),
  ]
  const seen = new Set<string>()
  return all.filter((one) => !seen.has(one.capability) && seen.add(one.capability))
}

/** All deny patterns of a manifest. */
export const collectDenies = (from: AskSources): PlacedDeny[] => [
  ...(from.deny ?? []).map((capability, index) => ({ capability, path: ['deny_capabilities', index] })),
  ...(from.sandbox?.filesystem?.read_deny ?? []).map((text, index) => ({
    capability: `filesystem.read:${text}`,
    path: ['execution', 'sandbox', 'filesystem', 'read_deny', index],
  })),
]
