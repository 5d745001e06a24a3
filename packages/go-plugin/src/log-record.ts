// What a plugin says on the side: log lines of hclog, or any other text. All of it is the plugin's word, so it is cut,
// escaped and marked with where it came from; it can look like nothing but one line of that plugin.

import { escapeLine, parseJson } from '@bulkhead/kernel'

/** hclog's levels. */
export type LogLevel = 'trace' | 'debug' | 'info' | 'warn' | 'error'

/** Where a line came from: the process's own pipes, or what the plugin prints and go-plugin forwards. */
export type LogSource = 'stderr' | 'stdout' | 'forwarded-stderr' | 'forwarded-stdout'

/** One line, ready to be shown. */
export interface LogRecord {
  readonly source: LogSource
  readonly level: LogLevel
  readonly message: string
  /** hclog's pairs, cut and escaped; absent for plain text. */
  readonly fields?: Readonly<Record<string, string>>
  /** The line was longer than the bound, and its end is missing. */
  readonly cut?: true
}

const maxFields = 32
const maxFieldCharacters = 512
const maxMessageCharacters = 8_192
const prefix = /^\[(TRACE|DEBUG|INFO|WARN|ERROR)\]/
const panic = /^(?:panic|fatal error): /
const levels: ReadonlySet<unknown> = new Set(['trace', 'debug', 'info', 'warn', 'error'])

const isLevel = (value: unknown): value is LogLevel => levels.has(value)

const fieldText = (value: unknown): string =>
  escapeLine(typeof value === 'string' ? value : JSON.stringify(value), maxFieldCharacters)

/** Reads a line of hclog in its JSON format (go-hclog, `@level`, `@message`, `@timestamp`), or nothing. */
const parseHclog = (line: string): Pick<LogRecord, 'level' | 'message' | 'fields'> | undefined => {
  if (!line.startsWith('{')) return undefined
  let value: unknown
  try {
    value = parseJson(line, 'a log line', { maxLength: maxLineBytes, maxDepth: 16, maxMembers: 256 })
  } catch {
    return undefined
  }
  const { '@level': level, '@message': message, '@timestamp': _, ...rest } = value as Record<string, unknown>
  if (!isLevel(level) || typeof message !== 'string') return undefined
  const fields = Object.entries(rest)
    .slice(0, maxFields)
    .map(([key, field]) => [escapeLine(key, 64), fieldText(field)] as const)
  return { level, message: escapeLine(message, maxMessageCharacters), fields: Object.fromEntries(fields) }
}

/** Longest line that is kept, bytes. */
export const maxLineBytes = 16_384

/** Makes records of the lines of one source; remembers that a Go program panicked, since all that follows is its trace. */
export const makeLineParser = (source: LogSource): ((line: string, cut: boolean) => LogRecord) => {
  let panicked = false
  return (line, cut) => {
    const end = cut ? ({ cut: true } as const) : {}
    const entry = cut || source !== 'stderr' ? undefined : parseHclog(line)
    if (entry !== undefined) return { source, ...entry, ...end }
    panicked ||= source === 'stderr' && panic.test(line)
    const named = prefix.exec(line)?.[1]?.toLowerCase()
    const level = isLevel(named) ? named : panicked ? 'error' : source === 'stderr' ? 'debug' : 'info'
    return { source, level, message: escapeLine(line, maxMessageCharacters), ...end }
  }
}
