// What a script called that the host object lacks, told with the name that was meant.

import { nearestNames } from '@bulkhead/kernel/wire'

/** What the host object of a plugin has. */
export interface HostNames {
  readonly language: 'javascript' | 'lua' | 'rune'
  /** The guest API, as JSON. */
  readonly table: string
  /** Host functions of the embedding program, by their whole names. */
  readonly functions: readonly string[]
}

/** A name that an area lacks; the area is empty for the host object itself. */
export interface Missed {
  readonly area: string
  readonly name: string
}

const identifier = /^[A-Za-z_$][\w$]{0,63}$/
/** As Rune's compiler says it. */
const missingItem = /^Missing item ::host(?:::(\w{1,64}))?::(\w{1,64})(?: \(and \d+ more\))?$/

/** Reads what a guest says that it missed, or what its compiler says. */
export const parseMissed = (told: unknown, message: string): Missed | undefined => {
  const item = missingItem.exec(message)
  const [area, name] = item === null ? (Array.isArray(told) ? told : []) : [item[1] ?? '', item[2]]
  if (typeof area !== 'string' || typeof name !== 'string' || !identifier.test(name)) return undefined
  return area === '' || identifier.test(area) ? { area, name } : undefined
}

/** "host.notes has no `raed`; did you mean `read`?" Undefined for an area that there is not, and for a name that there is. */
export const missedMessage = (missed: Missed | undefined, names: HostNames): string | undefined => {
  if (missed === undefined) return undefined
  const areas = areasOf(names)
  const known = [...(missed.area === '' ? areas.keys() : (areas.get(missed.area) ?? []))]
  if (known.length === 0 || known.includes(missed.name)) return undefined
  const dot = names.language === 'rune' ? '::' : '.'
  const near = nearestNames(missed.name, known)
  const meant = near.length === 0 ? '' : `; did you mean ${near.map((one) => `\`${one}\``).join(' or ')}?`
  return `${['host', missed.area].filter((part) => part !== '').join(dot)} has no \`${missed.name}\`${meant}`
}

const levels = ['trace', 'debug', 'info', 'warn', 'error']

const areasOf = ({ language, table, functions }: HostNames): Map<string, Set<string>> => {
  const rows = JSON.parse(table) as readonly { readonly area: string; readonly name: string }[]
  const camelCase = (name: string): string =>
    name.replace(/[._]([a-z0-9])/g, (_, letter: string) => letter.toUpperCase())
  const spelled = (name: string): string => (language === 'javascript' ? camelCase(name) : name)
  const areas = new Map([
    ['log', new Set(levels)],
    ['kv', new Set(['update'])],
  ])
  const add = (area: string, name: string): void => {
    areas.set(area, (areas.get(area) ?? new Set()).add(name))
  }
  for (const { area, name } of rows) add(area, spelled(name))
  for (const name of functions) {
    const dot = name.indexOf('.')
    if (dot > 0) add(name.slice(0, dot), spelled(name.slice(dot + 1)))
  }
  return areas
}
