// What a go-plugin writes on the side, as lines of the host's log: hclog's records with their level and pairs, anything else
// as it stands. Every text was escaped and cut when it was read, so a line is one line and bears its plugin's name.

import type { LogRecord, LogSink } from '@bulkhead/go-plugin'
import type { LogLevel } from '@bulkhead/kernel'
import type { OpenCalls } from './go-plugin-host-service.ts'

/** The pair with which a line names the call that it belongs to. */
const callPair = 'call'

/** Makes the log of one process. A line that names a call under way goes to that call, and the handle is left out. */
export const makeGoPluginLog = (
  calls: Pick<OpenCalls, 'find'>,
  plugin: { log(level: LogLevel, message: string): void },
): LogSink => ({
  record: (record) => {
    const { [callPair]: handle, ...fields } = record.fields ?? {}
    const call = handle === undefined ? undefined : calls.find(handle)
    const shown = call === undefined ? (record.fields ?? {}) : fields
    ;(call ?? plugin).log(record.level, textOf(record, shown))
  },
  dropped: (source, lines) => plugin.log('warn', `${lines} lines of ${source} were left out: they came too fast`),
})

const textOf = ({ message, cut }: LogRecord, fields: Readonly<Record<string, string>>): string => {
  const pairs = Object.entries(fields).map(([name, value]) => ` ${quoted(name)}=${quoted(value)}`)
  return `${message}${pairs.join('')}${cut === true ? ' … (cut)' : ''}`
}

/** A text that could be taken for another pair is put into quotes. */
const quoted = (text: string): string => (/^[^\s="]+$/.test(text) ? text : JSON.stringify(text))
