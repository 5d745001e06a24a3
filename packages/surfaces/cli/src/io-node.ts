// The edge: the process's streams, signals and files as the command line's ports. Decides nothing.

import { readFileSync } from 'node:fs'
import { mkdir, open, stat, writeFile } from 'node:fs/promises'
import { createInterface } from 'node:readline/promises'
import type { CliIo, CliOutput } from './io.ts'
import { startProgressNode } from './progress-node.ts'

const outputOf = (stream: NodeJS.WriteStream): CliOutput => {
  let closed = false
  // A reader that goes away (`| head`) is normal; without a listener it would end the process with a stack trace.
  stream.on('error', () => {
    closed = true
  })
  return {
    isTTY: stream.isTTY,
    ...(stream.isTTY && stream.columns > 0 ? { columns: stream.columns } : {}),
    get closed() {
      return closed || stream.destroyed
    },
    write(data) {
      if (closed || stream.destroyed || data.length === 0) return Promise.resolve()
      return new Promise((resolve) => {
        stream.write(data, () => resolve())
      })
    },
  }
}

const readVersion = (): string => {
  const text = readFileSync(new URL('../package.json', import.meta.url), 'utf8')
  return (JSON.parse(text) as { version: string }).version
}

const signals = [
  ['SIGINT', 2],
  ['SIGTERM', 15],
] as const

/** The ports of this process. */
export const makeNodeIo = (): CliIo => ({
  stdout: outputOf(process.stdout),
  stderr: outputOf(process.stderr),
  stdin: {
    isTTY: process.stdin.isTTY,
    async *[Symbol.asyncIterator]() {
      for await (const chunk of process.stdin) yield chunk as Uint8Array
    },
  },
  env: process.env,
  cwd: process.cwd(),
  version: readVersion(),
  async ask(question, signal) {
    const reader = createInterface({ input: process.stdin, output: process.stderr })
    try {
      const ended = new Promise<undefined>((resolve) => {
        reader.once('close', () => resolve(undefined))
      })
      // Ctrl-C at the question reaches the reader and not the process, so it is passed on.
      reader.once('SIGINT', () => process.kill(process.pid, 'SIGINT'))
      return await Promise.race([reader.question(question, { signal }), ended])
    } finally {
      reader.close()
    }
  },
  startProgress: startProgressNode,
  onSignal(listener) {
    // The handler stays after the first signal: the spinner's own would otherwise be alone, and end the process.
    let seen = false
    const handlers = signals.map(([name, number]) => {
      const handler = (): void => {
        if (seen) {
          process.off(name, handler)
          process.kill(process.pid, name)
        }
        seen = true
        listener(number)
      }
      return [name, handler] as const
    })
    for (const [name, handler] of handlers) process.on(name, handler)
    return {
      [Symbol.dispose]() {
        for (const [name, handler] of handlers) process.off(name, handler)
      },
    }
  },
  isFile: (path) =>
    stat(path).then(
      (found) => found.isFile(),
      () => false,
    ),
  async openFile(path) {
    const handle = await open(path, 'r')
    try {
      const found = await handle.stat()
      return {
        ...(found.isFile() ? { size: found.size } : {}),
        bytes: handle.createReadStream({ autoClose: false }) as AsyncIterable<Uint8Array>,
        [Symbol.asyncDispose]: () => handle.close(),
      }
    } catch (error) {
      await handle.close()
      throw error
    }
  },
  makeFolder: async (path) => {
    await mkdir(path)
  },
  // Exclusive: it follows no link in the last step either.
  createFile: (path, text) => writeFile(path, text, { flag: 'wx' }),
})
