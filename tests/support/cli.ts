// Runs the real `bulkhead` command in a process of its own, from the sources.

import { type ChildProcess, spawn } from 'node:child_process'
import { fileURLToPath } from 'node:url'

const main = fileURLToPath(new URL('../../packages/bin/src/main.ts', import.meta.url))

/** The repository's root: the working folder unless a test says otherwise. */
export const repository = fileURLToPath(new URL('../..', import.meta.url))

/** Where Node keeps what our sources compile to, for a process that runs from them: stripping their types takes a second each time. */
export const compiledSources = (): Readonly<Record<string, string>> => {
  const folder = process.env['NODE_COMPILE_CACHE']
  return folder === undefined ? {} : { NODE_COMPILE_CACHE: folder }
}

/** How it is run. */
export interface CliOptions {
  readonly home: string
  readonly cwd?: string
  readonly stdin?: string | Uint8Array
  readonly env?: Readonly<Record<string, string>>
  /** A program with its arguments that runs the command, as the last of them. */
  readonly under?: readonly string[]
  /** Gets the process as soon as it is there, for signals and closed pipes. */
  readonly started?: (child: ChildProcess) => void
}

/** How it ended. */
export interface CliResult {
  readonly code: number | null
  readonly out: Buffer
  readonly err: string
  /** Stdout as the one JSON document that `--json` promises. */
  json(): { ok: boolean; error: { code: string; message: string; hint: string }; [key: string]: unknown }
}

/** Runs `bulkhead <args>` to its end. */
export const bulkhead = async (args: readonly string[], options: CliOptions): Promise<CliResult> => {
  const [program = process.execPath, ...rest] = [
    ...(options.under ?? []),
    process.execPath,
    ...['--conditions=@bulkhead/source', main, ...args],
  ]
  const child = spawn(program, rest, {
    cwd: options.cwd ?? repository,
    env: {
      PATH: process.env['PATH'],
      HOME: options.home,
      BULKHEAD_HOME: options.home,
      ...compiledSources(),
      ...options.env,
    },
    stdio: ['pipe', 'pipe', 'pipe'],
  })
  const out: Buffer[] = []
  const err: Buffer[] = []
  child.stdout.on('data', (chunk: Buffer) => out.push(chunk))
  child.stderr.on('data', (chunk: Buffer) => err.push(chunk))
  // A command that refuses its input early closes the pipe; that is not the test's business.
  child.stdin.on('error', () => {})
  options.started?.(child)
  child.stdin.end(options.stdin ?? '')
  const code = await new Promise<number | null>((resolve, reject) => {
    child.once('error', reject)
    child.once('close', resolve)
  })
  const bytes = Buffer.concat(out)
  return {
    code,
    out: bytes,
    err: Buffer.concat(err).toString('utf8'),
    json: () => JSON.parse(bytes.toString('utf8')) as ReturnType<CliResult['json']>,
  }
}
