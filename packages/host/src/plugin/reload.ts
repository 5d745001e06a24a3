// Puts a new version of a plugin in the place of the one that runs, once it is well. What asks for more than before does not
// come in this way, and what fails leaves everything as it was.

import { asBulkheadError, type AuditEvent, BulkheadError, escapeLine, findWidening } from '@bulkhead/kernel'
import type { PluginInfo } from '../api.ts'
import type { Registry } from '../registry.ts'
import { type Discovered, locateNamed } from './discover-node.ts'
import type { ManagedPlugin } from './managed-plugin.ts'
import type { World } from './world.ts'

/** What reloading needs of the host. */
export interface ReloadPorts {
  readonly world: World
  readonly registry: Registry<ManagedPlugin>
  /** The plugin of that name, if it may be used. @throws BulkheadError */
  find(name: string): ManagedPlugin
  /** Makes the manager of the new version, and tells nobody of it. */
  make(found: Discovered, old: ManagedPlugin): ManagedPlugin
}

/** See the file's head. */
export class Reloads {
  readonly #ports: ReloadPorts
  /** The last reload of each plugin that is under way or waits. */
  readonly #turns = new Map<string, Promise<unknown>>()
  /** Old ones that finish their calls. */
  readonly #leaving = new Set<Promise<void>>()

  constructor(ports: ReloadPorts) {
    this.#ports = ports
  }

  /** One at a time, in the order of their coming: each finds what the one before it left. @throws BulkheadError see `Host.reloadPlugin` */
  async reload(name: string): Promise<PluginInfo> {
    const turn = (this.#turns.get(name) ?? Promise.resolve()).then(() => this.#reload(name))
    const settled = turn.catch(() => undefined)
    this.#turns.set(name, settled)
    try {
      return await turn
    } finally {
      if (this.#turns.get(name) === settled) this.#turns.delete(name)
    }
  }

  /** When nothing is under way. */
  async settled(): Promise<void> {
    await Promise.all(this.#turns.values())
    await Promise.all(this.#leaving)
  }

  async #reload(name: string): Promise<PluginInfo> {
    const { registry, world, make } = this.#ports
    const old = this.#ports.find(name)
    const from = old.status.generation
    const fresh = make(await this.#locate(old), old)
    try {
      await fresh.check()
      await this.#record(old, { result: 'info', details: { from, generation: fresh.status.generation } })
      if (registry.find(name) !== old) {
        throw new BulkheadError('call.interrupted', `${name} was loaded otherwise while it was reloaded`)
      }
    } catch (thrown) {
      await fresh.retire()
      throw thrown
    }
    // From here to the end of the turn nothing waits: a call meets the old one or the new one, never neither.
    registry.set(name, fresh)
    this.#follow(old.retire(fresh), name)
    world.touch(name)
    world.events.emit('plugin:reloaded', { id: name, from, generation: fresh.status.generation })
    return fresh.info
  }

  /** The new version, if it may take the place of the old one. */
  async #locate(old: ManagedPlugin): Promise<Discovered> {
    const { origin, path } = old.info
    // A project's folder is not even read before somebody trusts it as it is.
    if (origin === 'project') await this.#ports.world.requireTrust()
    const found = { ...(await locateNamed(path, origin)), origin }
    const { name } = found.plugin.manifest
    if (name !== old.name) {
      throw new BulkheadError('config.invalid', `${path} was "${old.name}" and is "${escapeLine(name, 100)}" now`, {
        hint: 'Load it as the plugin that it is now: host.loadPlugin(<path>).',
      })
    }
    const wider = findWidening(old.stated, found.plugin)
    if (wider.length === 0) return found
    await this.#record(old, { result: 'denied', why: 'plugin.widened' })
    throw new BulkheadError('plugin.widened', `the new version of ${name} ${wider.slice(0, 20).join('; it ')}`, {
      details: { wider: wider.slice(0, 100) },
    })
  }

  /** Nobody waits for an old one but a host that closes. */
  #follow(ended: Promise<void>, name: string): void {
    const { log, clock } = this.#ports.world
    const leaving = ended
      .catch((thrown: unknown) => {
        const { message } = asBulkheadError(thrown)
        log?.write({ time: clock.now(), level: 'error', plugin: name, message })
      })
      .finally(() => this.#leaving.delete(leaving))
    this.#leaving.add(leaving)
  }

  async #record({ name, info }: ManagedPlugin, event: Pick<AuditEvent, 'result' | 'why' | 'details'>): Promise<void> {
    const { audit } = this.#ports.world
    await audit.append({ type: 'plugin_reloaded', principal: info.principal, plugin: name, ...event }, 'flush')
  }
}
