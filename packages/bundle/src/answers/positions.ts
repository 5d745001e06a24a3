// From positions in the bundle to the author's own files and lines. Everything here is text from the guest or from its
// source map: read within caps, trusted for nothing but the message.

import { type EncodedSourceMap, originalPositionFor, sourceContentFor, TraceMap } from '@jridgewell/trace-mapping'
import { pluginFileName } from './plugin-file-name.ts'

const maxLines = 30
const maxLineLength = 500
const maxShownWidth = 160
/** Lines further down, and what is further right, are not shown: a plugin may forge its stack, and its text may be long. */
const maxSearchedLines = 100_000
const maxSearchedWidth = 64 * 1024
/**
 * Longest source map, and longest list of places in it, characters: no clock ends reading them (some 20 ms), and a plugin
 * chooses when that is. Errors of larger plugins are told without their places.
 */
const maxMapLength = 8 * 1024 * 1024
const maxMappingsLength = 512 * 1024

/** A place in the author's source: 1-based line and column. */
export interface SourcePosition {
  readonly file: string
  readonly line: number
  readonly column: number
}

/** How the evaluated text came from sources. */
export interface SourceOrigin {
  /** Entry file, relative to the plugin's folder. */
  readonly entry: string
  /** Text that is evaluated, in UTF-8; read when a place in it is to be shown. */
  readonly code: Uint8Array
  /** Source map (version 3) of a bundle; absent when the entry is evaluated as it stands. */
  readonly map?: string
}

/** Finds positions. */
export interface Positions {
  /** The first position of the plugin in a stack trace, and the trace with the author's files; lines of ours are left out. */
  readStack(stack: string): { readonly stack: readonly string[]; readonly at: SourcePosition | undefined }
  /** The source line with a mark under the column, for a message of several lines. */
  frame(position: SourcePosition): string | undefined
}

/** The map, read; undefined for one that takes too long. */
const readMap = (text: string): TraceMap | undefined => {
  if (text.length > maxMapLength) return undefined
  const map = JSON.parse(text) as EncodedSourceMap
  return map.mappings.length > maxMappingsLength ? undefined : new TraceMap(map)
}

/** Makes the finder; the map is read at the first use. */
export const makePositions = (origin: SourceOrigin): Positions => {
  let traced: { readonly map: TraceMap | undefined } | undefined
  const trace = (): TraceMap | undefined => {
    traced ??= { map: origin.map === undefined ? undefined : readMap(origin.map) }
    return traced.map
  }
  const locate = (line: number, column: number): SourcePosition | undefined => {
    if (origin.map === undefined) return { file: origin.entry, line, column }
    const map = trace()
    if (map === undefined || line < 1) return undefined
    const found = originalPositionFor(map, { line, column: Math.max(column - 1, 0) })
    // The SDK's own frames say nothing to an author.
    if (!found.source?.startsWith('plugin:')) return undefined
    return { file: plainName(found.source), line: found.line, column: found.column + 1 }
  }
  const sourceText = (file: string): string | null => {
    const map = trace()
    const source = map?.sources.find((name) => name !== null && plainName(name) === file)
    return map === undefined || source === undefined || source === null ? null : sourceContentFor(map, source)
  }
  const lineText = ({ file, line }: SourcePosition): string | undefined => {
    if (origin.map === undefined) return lineOfSource(origin.code, line)
    const text = sourceText(file)
    return text === null ? undefined : lineOf(text, line, '\n')
  }

  return {
    readStack: (stack) => {
      const lines: string[] = []
      let at: SourcePosition | undefined
      for (const line of stack.split('\n', maxLines)) {
        const read = readLine(line.slice(0, maxLineLength))
        if (read === undefined) continue
        const position = locate(read.line, read.column)
        if (position === undefined) continue
        at ??= position
        lines.push(`at ${read.name} (${position.file}:${position.line}:${position.column})`)
      }
      return { stack: lines, at }
    },
    frame: (position) => {
      const line = position.column > maxSearchedWidth ? undefined : lineText(position)
      return line === undefined ? undefined : makeFrame(line, position)
    },
  }
}

/** As {@link Positions.frame}, for a file that runs as it stands; without the mark where the column is 0, for unknown. */
export const frameOfSource = (code: Uint8Array | undefined, position: SourcePosition): string | undefined => {
  const line = position.column > maxSearchedWidth ? undefined : lineOfSource(code, position.line)
  if (line === undefined) return undefined
  const frame = makeFrame(line, position)
  return position.column === 0 ? frame.split('\n', 1)[0] : frame
}

/** A line of a source by its number, cut; undefined for one that is not there, or too far down. */
export const lineOfSource = (code: Uint8Array | undefined, number: number): string | undefined => {
  const line = code === undefined ? undefined : lineOf(code, number, 10)
  return line === undefined ? undefined : new TextDecoder().decode(line)
}

interface Searchable<Mark, Part> {
  readonly length: number
  indexOf(mark: Mark, from: number): number
  slice(from: number, to: number): Part
}

/** A line by its number, cut; undefined for one that is not there, or too far down. Makes no list of the lines before it. */
const lineOf = <Mark, Part>(text: Searchable<Mark, Part>, number: number, lineEnd: Mark): Part | undefined => {
  if (number < 1 || number > maxSearchedLines) return undefined
  let from = 0
  for (let line = 1; line < number; line++) {
    const end = text.indexOf(lineEnd, from)
    if (end < 0) return undefined
    from = end + 1
  }
  const end = text.indexOf(lineEnd, from)
  return text.slice(from, Math.min(end < 0 ? text.length : end, from + maxSearchedWidth))
}

/** `12 | text` and a caret under the column; long lines are cut around it. */
export const makeFrame = (line: string, position: SourcePosition): string => {
  const from = position.column > maxShownWidth ? position.column - maxShownWidth / 2 : 0
  const shown = line
    .slice(from, from + maxShownWidth)
    .replaceAll('\t', ' ')
    .trimEnd()
  const head = `${position.line} | `
  return `${head}${shown}\n${' '.repeat(head.length - 2)}| ${' '.repeat(Math.max(position.column - 1 - from, 0))}^`
}

/** Names in the map are `<namespace>:<path>`. */
const plainName = (source: string): string => source.replace(/^plugin:/, '')

const readLine = (line: string): { name: string; line: number; column: number } | undefined => {
  const at = line.indexOf(`${pluginFileName}:`)
  if (at < 0) return undefined
  const numbers = /^(\d{1,9})(?::(\d{1,9}))?/.exec(line.slice(at + pluginFileName.length + 1))
  if (numbers === null) return undefined
  const name = /^\s*at ([^(]{1,200}) \($/.exec(line.slice(0, at))?.[1] ?? '<top level>'
  return { name, line: Number(numbers[1]), column: Number(numbers[2] ?? 1) }
}
