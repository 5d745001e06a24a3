// A bare round trip between two threads: what nothing that uses messages can beat.

import { once } from 'node:events'
import { Worker } from 'node:worker_threads'

/** Starts a thread that sends back whatever it gets. */
export const openEchoThread = async (): Promise<{ echo(message: unknown): Promise<unknown> } & AsyncDisposable> => {
  const worker = new Worker(
    "const { parentPort } = require('node:worker_threads'); parentPort.on('message', (message) => parentPort.postMessage(message)); parentPort.postMessage('ready')",
    { eval: true, env: {} },
  )
  await once(worker, 'message')
  let arrived: (message: unknown) => void = () => undefined
  worker.on('message', (message) => arrived(message))
  return {
    echo: (message) =>
      new Promise((resolve) => {
        arrived = resolve
        worker.postMessage(message)
      }),
    [Symbol.asyncDispose]: async () => {
      await worker.terminate()
    },
  }
}
