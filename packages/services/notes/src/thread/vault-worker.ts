// One vault in its thread: folder, index, watch and changes put together, and each question answered. Who may ask what was
// decided before a question comes here.

import { noteFailure } from '../folder/note-failure.ts'
import { VaultFolder } from '../folder/vault-folder.ts'
import { VaultLock } from '../folder/vault-lock.ts'
import { Journal } from '../change/journal.ts'
import { NoteChanges } from '../change/note-changes.ts'
import { planRewrites, type Rewrite } from '../change/rename.ts'
import { unifiedDiff } from '../change/unified-diff.ts'
import { decodeNote, versionOf } from '../index/note-index.ts'
import { makeExcerpt } from '../index/text-search.ts'
import { readFrontmatter } from '../markdown/frontmatter.ts'
import { scanNote } from '../markdown/scan-note.ts'
import type { Answers, Question, ThreadData, ToThread } from '../wire.ts'
import { OpenIndex } from './open-index.ts'

/** What the program of the thread gives it. */
export interface WorkerPowers {
  readonly data: ThreadData
  embed(id: number, texts: readonly string[]): void
  /** There is work to do; see {@link VaultWorker.work}. */
  wake(): void
}

/** See the file's head. */
export class VaultWorker implements Disposable {
  readonly #folder: VaultFolder
  readonly #lock: VaultLock
  readonly #changes: NoteChanges
  readonly #journal: Journal
  readonly #index: OpenIndex
  readonly #opened: DisposableStack

  constructor({ data, embed, wake }: WorkerPowers) {
    using opening = new DisposableStack()
    this.#folder = opening.use(new VaultFolder(data.folder, data.excluded))
    this.#lock = opening.use(new VaultLock(`${data.state}.lock`, data.busyTimeoutMs))
    this.#journal = new Journal(`${data.state}.journal`, this.#folder)
    this.#index = opening.use(new OpenIndex({ data, folder: this.#folder, lock: this.#lock, embed, wake }))
    this.#changes = new NoteChanges({
      folder: this.#folder,
      lock: this.#lock,
      journal: this.#journal,
      changed: (paths) => this.#index.sync(paths),
    })
    // What a dead process left half done is finished before anybody looks. Where that fails, or another process writes, reading
    // goes on: whoever writes tries again, and is told.
    try {
      this.#changes.locked(() => {})
    } catch {}
    this.#opened = opening.move()
  }

  [Symbol.dispose](): void {
    this.#opened.dispose()
  }

  /** Whether the question can be answered now, or has to wait for the index. */
  isReadyFor({ kind }: Question): boolean {
    return kind === 'read' || this.#index.isReady(kind !== 'write' && kind !== 'delete')
  }

  /** Does a little of what there is to do besides answering. Returns whether there is more of it. */
  work(): boolean {
    return this.#index.work()
  }

  /** Takes vectors that the host made. */
  receive(message: ToThread & { kind: 'vectors' }): void {
    this.#index.receive(message.id, message.data)
  }

  /** @throws NoteFailure; whatever the file system or SQLite throws */
  answer(question: Question): Answers[Question['kind']] {
    return this.#index.guard(() => this.#answer(question))
  }

  #answer(question: Question): Answers[Question['kind']] {
    const { lists, links, search } = this.#index
    switch (question.kind) {
      case 'read':
        return this.#read(question.path, question.maxBytes)
      case 'list':
        return lists.list(question.filter, question)
      case 'folders':
        return lists.folders(question.folder)
      case 'tags':
        return lists.tags(question.filter)
      case 'details':
        return lists.details(question.paths, question.tag)
      case 'search':
        return search.search(question)
      case 'similar':
        return search.similar(question.path, question.filter, question.count)
      case 'excerpts':
        return this.#excerpts(question)
      case 'backlinks':
        return links.backlinks(question.path, question.range)
      case 'forward':
        return links.forward(question.path)
      case 'targets':
        return links.targets()
      case 'unresolved':
        return links.unresolved(question.filter, question.hidden, question.range)
      case 'neighbours':
        return links.neighbours(question.paths, question.direction)
      case 'graph':
        return links.graph(question.filter)
      case 'resolve':
        return links.resolve(question.link, question.from)
      case 'paths':
        return question.isPending ? search.pending() : lists.paths()
      case 'status':
        return { ...lists.status(), isWatched: this.#index.isWatched }
      case 'write':
        return this.#changes.write(question.path, question.edit, question.options)
      case 'delete':
        return this.#changes.delete(question.path, question.options)
      case 'plan-rename':
        return { rewrites: this.#plan(question).map(({ path }) => (path === question.to ? question.from : path)) }
      default:
        return this.#rename(question)
    }
  }

  #read(path: string, maxBytes: number): Answers['read'] {
    const file = this.#folder.read(path, maxBytes)
    if (file === undefined) throw noteFailure('not-found', path)
    const { text, isText } = decodeNote(file.bytes)
    const { title, tags, frontmatter, fault } = scanNote(path, text)
    return {
      path,
      content: text,
      version: versionOf(file.bytes),
      title,
      tags,
      frontmatter,
      fault: isText ? (fault ?? null) : 'the file is not UTF-8 text; what is not is shown as \ufffd',
    }
  }

  #excerpts({ hits, query, maxBytes }: Question & { kind: 'excerpts' }): Answers['excerpts'] {
    return hits.flatMap(({ path, at }) => {
      const row = this.#index.lists.details([path], undefined)[0]
      const file = this.#folder.read(path, maxBytes)
      if (row === undefined || file === undefined) return []
      const { text } = decodeNote(file.bytes)
      const excerpt = makeExcerpt(text, query, { at, bodyStart: readFrontmatter(text).bodyStart })
      return [{ path, title: row.title, ...excerpt }]
    })
  }

  #plan({ from, to, rewrite }: { readonly from: string; readonly to: string; readonly rewrite: boolean }): Rewrite[] {
    if (this.#folder.stat(from) === undefined) throw noteFailure('not-found', from)
    const there = this.#folder.stat(to)
    if (there !== undefined) throw noteFailure('exists', to)
    return rewrite ? planRewrites({ folder: this.#folder, database: this.#index.database }, from, to) : []
  }

  #rename(question: Question & { kind: 'rename' }): Answers['rename'] {
    const { from, to, options, mayRewrite } = question
    return this.#changes.locked(() => {
      const old = this.#changes.present(from, options)
      if (old === undefined) throw noteFailure('not-found', from)
      this.#index.sync([from])
      const rewrites = this.#plan(question)
      const asked = new Set(mayRewrite)
      const unasked = rewrites.find(({ path }) => path !== to && !asked.has(path))
      // Somebody wrote a link since it was planned.
      if (unasked !== undefined) throw noteFailure('outdated', from)
      if (!options.dryRun) {
        this.#journal.run({ from, to, rewrites })
        this.#index.sync([from, to, ...rewrites.map(({ path }) => path)])
      }
      const changed = rewrites.map(({ path, after, beforeText }) => ({
        path,
        version: versionOf(new TextEncoder().encode(after)),
        ...(options.diff ? { diff: unifiedDiff(path, beforeText, after) } : {}),
      }))
      return { path: to, version: changed.find(({ path }) => path === to)?.version ?? old.version, changed }
    })
  }
}
