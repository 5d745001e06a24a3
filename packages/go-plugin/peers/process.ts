// For tests: starts a program as a plugin process, in a socket folder of its own, and collects what it logs.

import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { bulkheadCookie, type Handshake, makeHandshake } from '../src/handshake.ts'
import type { LogSink } from '../src/log-intake.ts'
import type { LogRecord, LogSource } from '../src/log-record.ts'
import { type GoPlugin, type GoPluginOptions, openGoPlugin, type PluginProcess } from '../src/plugin.ts'

/** A folder for sockets that goes when it is disposed. */
export const openFolder = (): { readonly path: string } & Disposable => {
  const path = mkdtempSync(join(tmpdir(), 'bh-'))
  return { path, [Symbol.dispose]: () => rmSync(path, { recursive: true, force: true }) }
}

/** Terms for a plugin that uses sockets in `folder`. */
export const handshakeIn = (folder: string): Promise<Handshake> =>
  makeHandshake({ cookie: bulkheadCookie, versions: [1], folder: { onHost: folder, inPlugin: folder } })

/** Starts a program with nothing but the handshake's environment. */
export const startProcess = (
  command: readonly [string, ...string[]],
  environment: Readonly<Record<string, string>>,
): PluginProcess & { readonly pid: number | undefined } => {
  const [program, ...parameters] = command
  const child = spawn(program, parameters, { env: { ...environment }, stdio: ['ignore', 'pipe', 'pipe'] })
  return {
    pid: child.pid,
    stdout: child.stdout,
    stderr: child.stderr,
    ended: once(child, 'exit'),
    kill: () => void child.kill('SIGKILL'),
  }
}

/** Keeps the first thousand records, and counts what was dropped. */
export const makeLogBook = (): LogSink & { readonly records: LogRecord[]; readonly lost: Map<LogSource, number> } => {
  const records: LogRecord[] = []
  const lost = new Map<LogSource, number>()
  return {
    records,
    lost,
    record: (record) => void (records.length < 1_000 && records.push(record)),
    dropped: (source, lines) => void lost.set(source, (lost.get(source) ?? 0) + lines),
  }
}

/** Everything of one plugin in a test. */
export interface Launched extends AsyncDisposable {
  readonly plugin: GoPlugin
  readonly process: ReturnType<typeof startProcess>
  readonly book: ReturnType<typeof makeLogBook>
}

/** Starts a program and takes up with it. */
export const launch = async (
  command: readonly [string, ...string[]],
  options: Partial<GoPluginOptions> = {},
): Promise<Launched> => {
  const folder = openFolder()
  const book = makeLogBook()
  const handshake = await handshakeIn(folder.path)
  const process = startProcess(command, handshake.environment)
  try {
    const plugin = await openGoPlugin(handshake, process, {
      signal: AbortSignal.timeout(20_000),
      log: book,
      ...options,
    })
    return {
      plugin,
      process,
      book,
      [Symbol.asyncDispose]: async () => {
        await plugin[Symbol.asyncDispose]()
        folder[Symbol.dispose]()
      },
    }
  } catch (error) {
    await process.ended
    folder[Symbol.dispose]()
    throw error
  }
}
