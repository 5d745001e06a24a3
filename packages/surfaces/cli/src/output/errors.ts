// How an error looks to a person: what happened, where, and what to do. Nothing in it steers a terminal.

import type { SourceDiagnostic, WireError } from '@bulkhead/host'
import { escapeBlock, escapeLine } from '@bulkhead/host/terms'
import type { Colors } from './colors.ts'

/** One fault of a manifest, as reports and error details carry it. */
export interface Fault {
  readonly file: string
  readonly line: number
  readonly field: string
  readonly message: string
  readonly mend: string
}

/** `file:line  field: message` and the mend below. */
export const faultText = (fault: Fault, colors: Colors): string => {
  const where = `${escapeLine(fault.file)}:${fault.line}`
  const field = fault.field === '' ? '' : `${colors.bold(escapeLine(fault.field))}: `
  const mend = fault.mend === '' ? '' : `\n  ${colors.dim(`mend: ${escapeLine(fault.mend)}`)}`
  return `${colors.cyan(where)}  ${field}${escapeLine(fault.message)}${mend}`
}

/** A message may be a plugin's: its further lines are set off, so that none of them poses as our own `hint:`. */
export const indented = (text: string): string => escapeBlock(text).replace(/\n(?! )/g, '\n  ')

const maxFrame = 2000

/** `file:line:column  message` and the source line below. */
export const diagnosticText = (diagnostic: SourceDiagnostic, colors: Colors): string => {
  const { file, line, column, message } = diagnostic
  const place = [escapeLine(file), ...(line === undefined ? [] : [line]), ...(column === undefined ? [] : [column])]
  const frame = frameText(diagnostic.frame, colors)
  return `${colors.cyan(place.join(':'))}  ${escapeLine(message)}${frame === undefined ? '' : `\n${frame}`}`
}

/**
 * The source line of an error with a mark under its column, as error details carry it. Each character that a terminal would obey
 * becomes one dot, so that the mark stays under its column. Undefined when there is none.
 */
export const frameText = (frame: unknown, colors: Colors): string | undefined => {
  if (typeof frame !== 'string' || frame === '') return undefined
  const lines = frame.slice(0, maxFrame).split('\n', 4)
  return lines
    .map((line) => colors.dim(`  ${Array.from(line, (one) => (escapeLine(one) === one ? one : '·')).join('')}`))
    .join('\n')
}

const isObject = (value: unknown): boolean => typeof value === 'object' && value !== null && !Array.isArray(value)

/** Where the failing call stands in a script, unless the message says it, and the source line. */
const placeLines = ({ message, details = {} }: WireError, colors: Colors): string[] => {
  const { script } = details
  const { file, line, column, frame } = (isObject(script) ? script : details) as Readonly<Record<string, unknown>>
  const place = [file, line, ...(typeof column === 'number' ? [column] : [])].join(':')
  const isTold = typeof file !== 'string' || typeof line !== 'number' || message.includes(`${file}:${line}`)
  const shown = frameText(frame, colors)
  return [...(isTold ? [] : [`  at ${colors.cyan(escapeLine(place))}`]), ...(shown === undefined ? [] : [shown])]
}

/** `error: …`, the place in a script and its source line where there is one, and `hint: …`, each closed with a newline. */
export const errorText = (error: WireError, colors: Colors): string => {
  const lines = [`${colors.red(colors.bold('error:'))} ${indented(error.message)}`]
  lines.push(...placeLines(error, colors))
  if (error.hint !== undefined && error.hint !== '') {
    lines.push(`${colors.yellow('hint:')} ${indented(error.hint)}`)
  }
  return `${lines.join('\n')}\n`
}
