// The program of a vault's thread: questions in, answers out, and in between a little of the vault's own work at a time. A question
// that needs the index waits until the folder has been looked over once.

import { parentPort, workerData } from 'node:worker_threads'
import { NoteFailure } from './folder/note-failure.ts'
import { VaultWorker } from './thread/vault-worker.ts'
import type { FromThread, Question, ThreadData, ToThread, WireFailure } from './wire.ts'

const port = parentPort
if (port === null) throw new Error('vault-thread runs only as a thread')

/** Time of answering before the vault's own work has a turn, ms. */
const turnMs = 10

interface Waiting {
  readonly id: number
  readonly question: Question
}

const send = (message: FromThread): void => port.postMessage(message)
let waiting: Waiting[] = []
let isScheduled = false
let worker: VaultWorker | undefined

const open = (): VaultWorker =>
  new VaultWorker({
    data: workerData as ThreadData,
    embed: (id, texts) => send({ kind: 'embed', id, texts }),
    wake: () => schedule(),
  })

const failureOf = (error: unknown): WireFailure => {
  if (error instanceof NoteFailure) {
    const { kind, path, version, message } = error
    return { kind, path, version, message }
  }
  const { errcode, syscall, code } = error as { errcode?: number; syscall?: string; code?: string }
  // SQLITE_BUSY with its extended codes.
  const kind = errcode !== undefined && (errcode & 0xff) === 5 ? 'busy' : 'failed'
  // A message of the file system names the path, which is none of a guest's business.
  const message = syscall === undefined ? (error as Error).message : `${syscall} failed (${code})`
  return { kind, path: '', version: undefined, message }
}

const answer = ({ id, question }: Waiting, vault: VaultWorker): void => {
  try {
    send({ kind: 'answer', id, answer: vault.answer(question) })
  } catch (error) {
    send({ kind: 'failed', id, failure: failureOf(error) })
  }
}

const failAll = (error: unknown): void => {
  for (const { id } of waiting) send({ kind: 'failed', id, failure: failureOf(error) })
  waiting = []
}

const turn = (): void => {
  isScheduled = false
  // What could not be opened is opened again for the next question only.
  if (worker === undefined && waiting.length === 0) return
  try {
    worker ??= open()
    const endsAt = performance.now() + turnMs
    const later: Waiting[] = []
    for (const [index, next] of waiting.entries()) {
      if (performance.now() > endsAt) {
        later.push(...waiting.slice(index))
        break
      }
      if (worker.isReadyFor(next.question)) answer(next, worker)
      else later.push(next)
    }
    waiting = later
    if (worker.work() || waiting.length > 0) schedule()
  } catch (error) {
    // The folder is gone, or the index cannot be opened: whoever asked is told, and the next question tries again.
    worker?.[Symbol.dispose]()
    worker = undefined
    failAll(error)
  }
}

const schedule = (): void => {
  if (isScheduled) return
  isScheduled = true
  setImmediate(turn)
}

const close = (): void => {
  const vault = worker
  if (vault !== undefined) for (const next of waiting) if (vault.isReadyFor(next.question)) answer(next, vault)
  vault?.[Symbol.dispose]()
  worker = undefined
  port.close()
}

port.on('message', (message: ToThread) => {
  if (message.kind === 'ask') waiting.push(message)
  else if (message.kind === 'cancel') waiting = waiting.filter(({ id }) => id !== message.id)
  else if (message.kind === 'close') return close()
  else worker?.receive(message)
  schedule()
})
