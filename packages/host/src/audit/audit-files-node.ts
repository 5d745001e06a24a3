// Node's file system behind the audit log's file ports: `<home>/audit/<chain>.jsonl` and `<home>/audit/heads/<chain>.json`.
// Follows no links; opens nothing but regular files; deletes only what never held a record.

import { constants } from 'node:fs'
import { type FileHandle, lstat, mkdir, open, readdir, rename, rm } from 'node:fs/promises'
import { join } from 'node:path'
import { type AuditFile, type AuditFiles, type AuditLine, BulkheadError, readChainName } from '@bulkhead/kernel'

const { O_APPEND, O_CREAT, O_DIRECTORY, O_EXCL, O_NOFOLLOW, O_NONBLOCK, O_RDONLY, O_TRUNC, O_WRONLY } = constants
/** Longest line that is read; a record is some kilobytes. */
const maxLineLength = 1 << 20

/**
 * Opens the log's folder, making it (0700) when missing.
 * @throws BulkheadError `home.unsafe` when it is a link, belongs to another user or can be written by others
 */
export const openAuditFiles = async (home: string): Promise<AuditFiles> => {
  const folder = join(home, 'audit')
  await mkdir(join(folder, 'heads'), { recursive: true, mode: 0o700 })
  for (const path of [folder, join(folder, 'heads')]) {
    const stat = await lstat(path)
    const ours = process.getuid === undefined || stat.uid === process.getuid()
    const closed = process.platform === 'win32' || (stat.mode & 0o022) === 0
    if (!stat.isDirectory() || !ours || !closed) {
      throw new BulkheadError('home.unsafe', `${path} is a link, or others can write to it`)
    }
  }
  return new NodeAuditFiles(folder)
}

/** Reads a log without making anything: a home without one has an empty log. */
export const readAuditFiles = (home: string): AuditFiles => new NodeAuditFiles(join(home, 'audit'))

class NodeAuditFiles implements AuditFiles {
  readonly #folder: string

  constructor(folder: string) {
    this.#folder = folder
  }

  chains(): Promise<readonly string[]> {
    return namesIn(this.#folder, '.jsonl')
  }

  async heads(newest = Number.POSITIVE_INFINITY): Promise<readonly { chain: string; text: string }[]> {
    const chains = await namesIn(this.#headFolder, '.json')
    const heads: { chain: string; text: string }[] = []
    for (const chain of chains.slice(-newest)) {
      const text = await readSmall(this.#headPath(chain))
      if (text !== undefined) heads.push({ chain, text })
    }
    return heads
  }

  async *lines(chain: string): AsyncGenerator<AuditLine> {
    const handle = await openRegular(this.#path(chain))
    if (handle === undefined) return
    await using file = handle
    const buffer = Buffer.alloc(256 * 1024)
    let rest = ''
    for (;;) {
      const { bytesRead } = await file.read(buffer, 0, buffer.length, null)
      if (bytesRead === 0) break
      const parts = (rest + buffer.toString('latin1', 0, bytesRead)).split('\n')
      rest = parts.pop() ?? ''
      for (const text of parts) yield { text, complete: true }
      if (rest.length > maxLineLength) {
        yield { text: '', complete: true }
        return
      }
    }
    if (rest !== '') yield { text: rest, complete: false }
  }

  async create(chain: string): Promise<AuditFile> {
    const path = this.#path(chain)
    const handle = await open(path, O_WRONLY | O_CREAT | O_EXCL | O_APPEND | O_NOFOLLOW, 0o600)
    try {
      await syncFolder(this.#folder)
      const { dev, ino } = await handle.stat()
      return new NodeAuditFile(handle, { path, dev, ino })
    } catch (error) {
      await handle.close()
      throw error
    }
  }

  async writeHead(chain: string, text: string): Promise<void> {
    const path = this.#headPath(chain)
    const temporary = `${path}.new`
    const file = await open(temporary, O_WRONLY | O_CREAT | O_TRUNC | O_NOFOLLOW, 0o600)
    try {
      try {
        await file.writeFile(text)
      } finally {
        await file.close()
      }
      await rename(temporary, path)
    } catch (error) {
      // A full disk: what is half written must not stay, one for each chain that is tried.
      await rm(temporary, { force: true })
      throw error
    }
  }

  async discard(chain: string): Promise<void> {
    for (const path of [this.#path(chain), this.#headPath(chain), `${this.#headPath(chain)}.new`]) {
      await rm(path, { force: true })
    }
  }

  async totalBytes(): Promise<number> {
    const chains = await this.chains()
    let total = 0
    for (let at = 0; at < chains.length; at += 64) {
      const sizes = chains.slice(at, at + 64).map(async (chain) => (await lstat(this.#path(chain))).size)
      for (const size of await Promise.all(sizes)) total += size
    }
    return total
  }

  get #headFolder(): string {
    return join(this.#folder, 'heads')
  }
  #path(chain: string): string {
    return join(this.#folder, `${chain}.jsonl`)
  }
  #headPath(chain: string): string {
    return join(this.#headFolder, `${chain}.json`)
  }
}

class NodeAuditFile implements AuditFile {
  readonly #handle: FileHandle
  readonly #identity: { path: string; dev: number; ino: number }

  constructor(handle: FileHandle, identity: { path: string; dev: number; ino: number }) {
    this.#handle = handle
    this.#identity = identity
  }

  async append(text: string): Promise<void> {
    const bytes = Buffer.from(text, 'latin1')
    for (let at = 0; at < bytes.length; ) {
      const { bytesWritten } = await this.#handle.write(bytes, at)
      at += bytesWritten
    }
  }

  async sync(): Promise<void> {
    // Records that go to a file which was removed or moved away are recorded nowhere.
    const { path, dev, ino } = this.#identity
    const [stat] = await Promise.all([lstat(path), this.#handle.datasync()])
    if (stat.ino !== ino || stat.dev !== dev) throw new Error(`${path} was replaced while it was being written`)
  }

  close(): Promise<void> {
    return this.#handle.close()
  }
}

const namesIn = async (folder: string, ending: string): Promise<string[]> => {
  try {
    const names = (await readdir(folder))
      .filter((name) => name.endsWith(ending))
      .map((name) => name.slice(0, -ending.length))
    return names.filter((name) => readChainName(name) !== undefined).sort()
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return []
    throw error
  }
}

/** Opens without following a link or waiting on a FIFO; undefined when it is not there or no regular file. */
const openRegular = async (path: string): Promise<FileHandle | undefined> => {
  try {
    const handle = await open(path, O_RDONLY | O_NOFOLLOW | O_NONBLOCK)
    if ((await handle.stat()).isFile()) return handle
    await handle.close()
    return undefined
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException
    if (code === 'ENOENT' || code === 'ELOOP') return undefined
    throw error
  }
}

const readSmall = async (path: string): Promise<string | undefined> => {
  const handle = await openRegular(path)
  if (handle === undefined) return undefined
  await using file = handle
  const { buffer, bytesRead } = await file.read(Buffer.alloc(8193), 0, 8193, 0)
  return buffer.toString('latin1', 0, bytesRead)
}

/** Makes a new name in a folder durable. */
const syncFolder = async (folder: string): Promise<void> => {
  if (process.platform === 'win32') return
  await using handle = await open(folder, O_RDONLY | O_DIRECTORY)
  await handle.sync()
}
