// Decides what a process of a plugin sees of this host: everything that its manifest asks for is put to the gate when the process is
// about to start, one decision and one record each, and what is allowed is what its sandbox shows. Nothing else is.

import { realpath, stat } from 'node:fs/promises'
import { homedir } from 'node:os'
import { resolve } from 'node:path'
import {
  type CallContext,
  type Capability,
  type DecideAccess,
  type DenyReason,
  escapeLine,
  formatCapability,
  type Limits,
  makeCapabilitySet,
  type Manifest,
  type Principal,
  type ProcessAccess,
} from '@bulkhead/kernel'
import { lookOverFolder } from './granted-folder-node.ts'
import type { World } from './world.ts'

/** Whose access is decided. */
export interface AccessSubject {
  readonly manifest: Manifest
  readonly principal: Principal
  readonly limits: Limits
  /** It has no manifest: it asks what it is granted. */
  readonly manifestless: boolean
}

/** Under which name the gate is asked. */
const startFunction = 'process.start'
/** Variables that are the sandbox's to set, and those of Bulkhead itself. */
const reservedVariables = /^(?:HOME|TMPDIR|PWD|BULKHEAD(?:_.*)?)$/i
const variableName = /^[A-Za-z_][A-Za-z0-9_]*$/

/** Makes the decider of one plugin. */
export const makeDecideAccess =
  (world: World, subject: AccessSubject): DecideAccess =>
  async (given) => {
    const context = given ?? contextOfNoCall(world, subject)
    return new Access(world, subject, { context, level: given === undefined ? 'debug' : 'info' }).decide()
  }

class Access {
  readonly #world: World
  readonly #subject: AccessSubject
  readonly #context: CallContext
  readonly #readable = new Set<string>()
  readonly #writable = new Set<string>()
  readonly #hidden = new Set<string>()
  readonly #environment: Record<string, string> = {}
  /** A process that is started to see what the plugin offers needs nothing of it, so what it does without is no news. */
  readonly #level: 'debug' | 'info'

  constructor(
    world: World,
    subject: AccessSubject,
    { context, level }: { readonly context: CallContext; readonly level: 'debug' | 'info' },
  ) {
    this.#level = level

    this.#world = world
    this.#subject = subject
    this.#context = context
  }

  async decide(): Promise<ProcessAccess> {
    const { manifest, manifestless, principal } = this.#subject
    const granted = this.#world.grantsFor(principal)
    const asks = manifestless ? granted : manifest.asks.map(({ capability }) => capability)
    const patterns = [...new Set([...asks, ...granted])]
    // A narrower grant than the ask is a path of its own; what is granted and not asked for the gate refuses, so it is not put to it.
    for (const path of await this.#pathsOf(asks, patterns, 'filesystem.write')) await this.#decidePath(path, true)
    for (const path of await this.#pathsOf(asks, patterns, 'filesystem.read')) {
      if (!this.#writable.has(path)) await this.#decidePath(path, false)
    }
    await this.#decideVariables(asks)
    // Deny beats allow: what is shown below something hidden, because another grant names it, is not shown.
    const visible = (path: string): boolean => ![...this.#hidden].some((hidden) => isWithin(path, hidden))
    return {
      readable: [...this.#readable].filter(visible),
      writable: [...this.#writable].filter(visible),
      hidden: [...this.#hidden],
      environment: this.#environment,
    }
  }

  /** Real paths that exist, of patterns that name one path and what is below it. */
  async #pathsOf(asks: readonly string[], patterns: readonly string[], name: string): Promise<readonly string[]> {
    const asked = makeCapabilitySet(asks, this.#roots)
    const paths = new Set<string>()
    for (const pattern of patterns) {
      if (!pattern.startsWith(`${name}:`)) continue
      const text = pattern.slice(name.length + 1).replace(/\/\*{1,2}$/, '')
      if (text.includes('*')) {
        this.#say(`${pattern} names no single folder, so a process is not shown it`)
        continue
      }
      const absolute = text === '~' || text.startsWith('~/') ? `${homedir()}${text.slice(1)}` : text
      const path = await realpath(resolve(this.#context.workspaceRoot, absolute)).catch(() => undefined)
      if (path === undefined) this.#say(`${pattern} does not exist, so a process is not shown it`)
      else if (asks.includes(pattern) || asked.contains({ name, scope: path })) paths.add(path)
    }
    return [...paths].sort()
  }

  get #roots(): { readonly workspaceRoot: string; readonly home: string } {
    return { workspaceRoot: this.#context.workspaceRoot, home: homedir() }
  }

  async #decidePath(path: string, writes: boolean): Promise<void> {
    const { gate } = this.#world
    // What is written can be read as well, so it has to be allowed both.
    const capabilities: Capability[] = [
      { name: 'filesystem.read', scope: path },
      ...(writes ? [{ name: 'filesystem.write', scope: path }] : []),
    ]
    const foreseen = capabilities.some((capability) => gate.foresee(this.#context, capability) !== undefined)
    const report =
      foreseen || !(await stat(path)).isDirectory()
        ? undefined
        : await lookOverFolder(path, {
            writes,
            refuses: (capability) => gate.foresee(this.#context, capability) !== undefined,
          })
    // Part of the folder cannot be kept from being written: whoever may rename the folders above it can replace it.
    if (report?.unwritable !== undefined) {
      capabilities.push(
        { name: 'filesystem.read', scope: report.unwritable },
        { name: 'filesystem.write', scope: report.unwritable },
      )
    }
    if (!(await this.#allows(capabilities, writes ? 'write' : 'read-only'))) return
    ;(writes ? this.#writable : this.#readable).add(path)
    for (const hidden of report?.hidden ?? []) this.#hidden.add(hidden)
  }

  async #decideVariables(asks: readonly string[]): Promise<void> {
    const asked = makeCapabilitySet(
      asks.filter((capability) => capability.startsWith('env:')),
      this.#roots,
    )
    for (const [name, value] of Object.entries(this.#world.env)) {
      if (value === undefined || !variableName.test(name) || reservedVariables.test(name)) continue
      const capability = { name: 'env', scope: name }
      if (asked.contains(capability) && (await this.#allows([capability], 'read-only'))) this.#environment[name] = value
    }
  }

  async #allows(capabilities: readonly Capability[], risk: 'write' | 'read-only'): Promise<boolean> {
    const { gate, crypto } = this.#world
    const inputHash = crypto.sha256(capabilities.map(formatCapability).join('\n'))
    const decision = await gate.decide({
      context: this.#context,
      function: startFunction,
      capabilities,
      risk,
      inputHash,
    })
    if (!decision.allow) this.#refused(decision.why)
    return decision.allow
  }

  #refused({ message }: DenyReason): void {
    this.#say(`its process does without: ${message}`)
  }

  #say(message: string): void {
    const { log, clock } = this.#world
    const plugin = this.#subject.manifest.name
    log?.write({ time: clock.now(), level: this.#level, plugin, message: escapeLine(message, 1_000) })
  }
}

const isWithin = (path: string, folder: string): boolean => path === folder || path.startsWith(`${folder}/`)

/** For a process that is started to see what the plugin offers. */
const contextOfNoCall = (world: World, { principal, limits }: AccessSubject): CallContext => ({
  callId: world.crypto.newId(),
  principal,
  chain: [],
  action: '',
  workspaceRoot: world.workspaceRoot,
  deadlineMs: world.clock.monotonic() + limits.wallMs,
  limits,
  signal: world.closing,
})
