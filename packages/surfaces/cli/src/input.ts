// Reads the input of `run` from an option, a file or stdin, within a cap, before anything is parsed.

import { Buffer } from 'node:buffer'
import { resolve } from 'node:path'
import { BulkheadError, parseJson } from '@bulkhead/host/terms'
import type { CliIo } from './io.ts'
import { usageError } from './usage.ts'

/** Most bytes of input that are read. */
export const maxInputBytes = 64 * 1024 * 1024
const jsonCaps = { maxLength: maxInputBytes, maxDepth: 256 }

/** Where the input of a call comes from; at most one of them is set. */
export interface InputSource {
  readonly text?: string | undefined
  readonly file?: string | undefined
  readonly stdin?: boolean
}

const tooLarge = (what: string, found: string): BulkheadError =>
  new BulkheadError('input.too-large', `${what} is ${found}; at most ${maxInputBytes} bytes (64 MiB) are taken`)

/** Collects a stream, and stops reading as soon as it is over the cap. */
const readCapped = async (
  chunks: AsyncIterable<Uint8Array>,
  what: string,
  signal: AbortSignal,
): Promise<Uint8Array> => {
  const parts: Uint8Array[] = []
  let length = 0
  for await (const chunk of chunks) {
    signal.throwIfAborted()
    length += chunk.length
    if (length > maxInputBytes) throw tooLarge(what, 'longer than the cap')
    parts.push(chunk)
  }
  return Buffer.concat(parts)
}

const fileFault = (path: string, thrown: unknown): BulkheadError => {
  const code = (thrown as NodeJS.ErrnoException).code
  const why =
    code === 'ENOENT'
      ? 'does not exist'
      : code === 'EISDIR'
        ? 'is a folder'
        : code === 'EACCES'
          ? 'may not be read'
          : `cannot be read (${code ?? String(thrown)})`
  return new BulkheadError('usage.invalid', `the input file ${path} ${why}`, {
    hint: 'Name a file with --input-file, give the JSON with --input, or use - for stdin.',
    cause: thrown,
  })
}

const readFileCapped = async (io: CliIo, name: string, signal: AbortSignal): Promise<Uint8Array> => {
  const path = resolve(io.cwd, name)
  const what = `the input file ${path}`
  try {
    await using file = await io.openFile(path)
    if (file.size !== undefined && file.size > maxInputBytes) throw tooLarge(what, `${file.size} bytes long`)
    return await readCapped(file.bytes, what, signal)
  } catch (thrown) {
    if (thrown instanceof BulkheadError) throw thrown
    throw fileFault(path, thrown)
  }
}

/**
 * The input as bytes; undefined when none was given.
 *
 * @throws BulkheadError `usage.invalid` for two sources or an unreadable file, `input.too-large`
 */
export const readInput = async (
  io: CliIo,
  source: InputSource,
  signal: AbortSignal,
): Promise<Uint8Array | undefined> => {
  const fromStdin = source.stdin === true || source.text === '-' || source.file === '-'
  const given = [source.stdin === true, source.text !== undefined, source.file !== undefined]
  if (given.filter(Boolean).length > 1) {
    throw usageError('the input is given twice', 'Use one of --input, --input-file and -.')
  }
  if (fromStdin) return readCapped(io.stdin, 'stdin', signal)
  if (source.file !== undefined) return readFileCapped(io, source.file, signal)
  if (source.text === undefined) return undefined
  const bytes = Buffer.from(source.text, 'utf8')
  if (bytes.length > maxInputBytes) throw tooLarge('the input', `${bytes.length} bytes long`)
  return bytes
}

/**
 * The input as JSON; undefined when none was given. An `--input` that looks like the name of a file was most likely meant as one.
 *
 * @throws BulkheadError `input.not-json`, `input.too-deep`, `input.too-large`
 */
export const parseInput = (bytes: Uint8Array | undefined, { text: given }: InputSource = {}): unknown => {
  if (bytes === undefined) return undefined
  let text: string
  try {
    text = new TextDecoder('utf-8', { fatal: true }).decode(bytes)
  } catch (cause) {
    throw new BulkheadError('input.not-json', 'the input is not UTF-8 text', { cause })
  }
  try {
    return parseJson(text, 'the input', jsonCaps)
  } catch (thrown) {
    if (!(thrown instanceof BulkheadError) || given === undefined || !/^[^\s{["]+\.\w+$/.test(given)) throw thrown
    throw new BulkheadError(thrown.code, thrown.message, {
      hint: `If it is a file: --input-file ${given}.`,
      cause: thrown,
    })
  }
}
