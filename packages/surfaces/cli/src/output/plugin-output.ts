// What a call returned, for a person or a program. A pipe gets a string or bytes exactly as the plugin made them; a
// terminal gets nothing that could steer it.

import { Buffer, isUtf8 } from 'node:buffer'
import type { CallMetrics } from '@bulkhead/host'
import { escapeBlock } from '@bulkhead/host/terms'
import type { Report } from '../report.ts'
import { printedJson } from './json.ts'

/** How it is shown. */
export interface OutputOptions {
  readonly raw: boolean
  readonly isTTY: boolean
}

const line = (text: string): string => (text === '' || text.endsWith('\n') ? text : `${text}\n`)

const rawText = (bytes: Uint8Array, isTTY: boolean): Pick<Report, 'text' | 'notes'> => {
  if (!isTTY) return { text: bytes }
  if (isUtf8(bytes)) return { text: line(escapeBlock(Buffer.from(bytes).toString('utf8'), Number.POSITIVE_INFINITY)) }
  return { text: '', notes: [`${bytes.length} bytes that are not text; send stdout to a file to keep them`] }
}

const valueText = (output: unknown, isTTY: boolean): string => {
  if (output === undefined || output === null) return ''
  if (typeof output === 'string') return line(isTTY ? escapeBlock(output, Number.POSITIVE_INFINITY) : output)
  return `${printedJson(output)}\n`
}

const round = (value: number | undefined): number | null =>
  value === undefined ? null : Math.round(value * 1000) / 1000

/** Every figure, null for what was not measured or used; times to the microsecond. */
const metricsJson = (metrics: CallMetrics) => ({
  loadMs: round(metrics.loadMs),
  callMs: round(metrics.callMs),
  cpuMs: round(metrics.cpuMs),
  hostCalls: metrics.hostCalls,
  memoryBytes: metrics.memoryBytes ?? null,
  fuelUsed: metrics.fuelUsed ?? null,
  outputBytes: metrics.outputBytes ?? null,
  networkBytes: metrics.networkBytes ?? null,
  fileBytes: metrics.fileBytes ?? null,
  storageBytes: metrics.storageBytes ?? null,
})

/** The report of one call. */
export const outputReport = (
  outcome: { readonly output: unknown; readonly metrics: CallMetrics },
  options: OutputOptions,
): Report => {
  const shown =
    options.raw && outcome.output instanceof Uint8Array
      ? rawText(outcome.output, options.isTTY)
      : { text: valueText(outcome.output, options.isTTY) }
  return { json: { output: outcome.output ?? null, metrics: metricsJson(outcome.metrics) }, ...shown }
}
