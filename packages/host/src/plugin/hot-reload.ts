// Reloads plugins whose manifests allow it once their files change, where the embedding program wants that. It decides when to
// look, and nothing else: what comes in comes in by a reload like any other.

import { asBulkheadError, type BulkheadError } from '@bulkhead/kernel'
import { PathWatch } from '../edge/path-watch-node.ts'
import type { Registry } from '../registry.ts'
import { locateNamed } from './discover-node.ts'
import type { ManagedPlugin } from './managed-plugin.ts'
import { readArtifact } from './read-artifact-node.ts'
import type { World } from './world.ts'

/** A folder that nobody wrote to for so long is taken to be written, ms. */
const quietMs = 100
/** One that is written to without a pause is looked at after so long all the same, ms. */
const mostWaitMs = 2000

/** In the place of a digest. */
const unreadable = ''

/** What it needs of the host. */
export interface HotReloadPorts {
  readonly world: World
  readonly registry: Registry<ManagedPlugin>
  reload(name: string): Promise<unknown>
}

/** One plugin that is watched. */
interface Watched extends Disposable {
  /** Looks soon, when it has become quiet. */
  changed(): void
  /** The look that is under way, and those that wait for it. */
  turn: Promise<void>
  isClosed: boolean
  readonly files: PathWatch
  /** Of the bytes that were tried last, whether they came in or not. */
  tried: string | undefined
}

/** See the file's head. Disposing it ends the watching. */
export class HotReload implements AsyncDisposable {
  readonly #ports: HotReloadPorts
  readonly #watched = new Map<string, Watched>()
  readonly #heard = new DisposableStack()

  constructor(ports: HotReloadPorts) {
    this.#ports = ports
    const { events } = ports.world
    // From its first start: what nobody has used yet is read when somebody does.
    this.#heard.use(events.on('plugin:loaded', ({ id }) => this.#follow(id)))
    this.#heard.use(events.on('plugin:reloaded', ({ id }) => this.#follow(id)))
    this.#heard.use(events.on('plugin:state', ({ id, to }) => void (to === 'error' && this.#follow(id))))
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#heard[Symbol.dispose]()
    const watched = [...this.#watched.values()]
    for (const one of watched) one[Symbol.dispose]()
    this.#watched.clear()
    await Promise.all(watched.map(({ turn }) => turn))
  }

  #follow(name: string): void {
    const managed = this.#ports.registry.find(name)
    if (managed === undefined) return
    const { origin, manifest, path } = managed.info
    // A project's folder that changed is no longer what was trusted: nothing in there is looked at unasked.
    const isWanted = manifest.lifecycle.hotReload && origin !== 'project'
    const known = this.#watched.get(name)
    if (isWanted) {
      const watched = known ?? this.#watch(name, path)
      this.#watched.set(name, watched)
      // It may have changed since it was read.
      watched.changed()
    } else if (known !== undefined) {
      known[Symbol.dispose]()
      this.#watched.delete(name)
    }
  }

  #watch(name: string, path: string): Watched {
    const { clock } = this.#ports.world
    let waiting: Disposable | undefined
    let sinceMs = 0
    let lastMs = 0
    const wait = (ms: number): void => {
      waiting = clock.after(ms, () => {
        const now = clock.monotonic()
        const leftMs = Math.min(lastMs + quietMs, sinceMs + mostWaitMs) - now
        if (leftMs > 0) return wait(leftMs)
        waiting = undefined
        watched.turn = watched.turn.then(() => this.#look(name, watched))
      })
    }
    const watched: Watched = {
      files: new PathWatch(path, () => watched.changed()),
      tried: undefined,
      turn: Promise.resolve(),
      isClosed: false,
      changed: () => {
        if (watched.isClosed) return
        lastMs = clock.monotonic()
        if (waiting !== undefined) return
        sinceMs = lastMs
        wait(quietMs)
      },
      [Symbol.dispose]: () => {
        watched.isClosed = true
        waiting?.[Symbol.dispose]()
        watched.files[Symbol.dispose]()
      },
    }
    return watched
  }

  /** Never rejects. */
  async #look(name: string, watched: Watched): Promise<void> {
    const managed = this.#ports.registry.find(name)
    if (watched.isClosed || managed === undefined) return
    try {
      await watched.files.refresh()
      if (isLeftAlone(managed) || !(await this.#isOther(managed, watched)) || watched.isClosed) return
      await this.#ports.reload(name)
    } catch (thrown) {
      if (!watched.isClosed) this.#tell(name, asBulkheadError(thrown))
    }
  }

  /** Whether what lies there now is neither what runs nor what was tried last. */
  async #isOther({ info }: ManagedPlugin, watched: Watched): Promise<boolean> {
    const before = watched.tried ?? info.digest
    watched.tried = unreadable
    const { principal } = await readArtifact((await locateNamed(info.path, info.origin)).plugin)
    watched.tried = principal.digest
    // Without anything before it, it is what has just failed to load.
    return before !== undefined && before !== principal.digest && info.digest !== principal.digest
  }

  #tell(name: string, error: BulkheadError): void {
    const { log, clock, events } = this.#ports.world
    log?.write({ time: clock.now(), level: 'error', plugin: name, message: `not reloaded: ${error.message}` })
    events.emit('plugin:reload-failed', { id: name, error: error.toJSON() })
  }
}

/** One that was stopped stays so until somebody calls it, and is looked at then; a quarantine ends with another version. */
const isLeftAlone = ({ info, status }: ManagedPlugin): boolean =>
  info.digest === undefined && info.state !== 'error' && status.health.state !== 'quarantined'
