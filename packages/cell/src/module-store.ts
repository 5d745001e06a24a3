// Compiled modules of one thread: what two plugins (or two loads of one) have in common is validated, rewritten and
// compiled once. The engine itself shares compiled code between the threads of a process; rewritten bytes outlive the
// process in a cache, if there is one.

import { createHash } from 'node:crypto'
import { BulkheadError } from '@bulkhead/kernel/wire'
import { type MeteredModule, type MeterOptions, meterModule, meterVersion } from '@bulkhead/meter'
import type { CodeCache, KeptModule } from './code-cache/index.ts'
import type { CompiledModule } from './driver.ts'
import { openPreparedModules, type PreparedModules, writePreparedModule } from './prepared-modules.ts'
import { webAssembly } from './web-assembly.ts'

/** Limits that suit most plugins; the memory's are the caller's. */
const moduleLimits = { maxTableElements: 200_000, maxModuleBytes: 64 * 1024 * 1024 }

/** How a module is to be rewritten. */
export type RewriteOptions = Pick<MeterOptions, 'maxMemoryPages' | 'fuel' | 'features' | 'substitutions'>

/** What the meter tells beside the bytes. */
type Facts = Omit<MeteredModule, 'bytes'>

/** See the file's head. */
export class ModuleStore {
  readonly #cache: CodeCache | undefined
  readonly #prepared = new Map<string, PreparedModules>()
  /** Compiled modules that somebody still uses. */
  readonly #compiled = new Map<string, WeakRef<CompiledModule>>()

  constructor(cache?: CodeCache) {
    this.#cache = cache
  }

  /** Looks in a folder of prepared modules as well. */
  usePrepared(folder: URL): void {
    if (!this.#prepared.has(folder.href)) this.#prepared.set(folder.href, openPreparedModules(folder))
  }

  /** @throws BulkheadError `artifact.*`, `limit.memory` */
  compile(bytes: Uint8Array, what: string, options: RewriteOptions): CompiledModule {
    const key = keyOf(bytes, options)
    const known = this.#compiled.get(key)?.deref()
    if (known !== undefined) return known
    const rewritten = this.#kept(key) ?? this.#rewrite(bytes, { what, options, key })
    const compiled = compile(rewritten, what)
    this.#forgetUnused()
    this.#compiled.set(key, new WeakRef(compiled))
    return compiled
  }

  #kept(key: string): MeteredModule | undefined {
    for (const prepared of this.#prepared.values()) {
      const found = prepared.get(key)
      if (found !== undefined) return unpack(found)
    }
    const cached = this.#cache?.get(key)
    return cached === undefined ? undefined : unpack(cached)
  }

  #rewrite(
    bytes: Uint8Array,
    { what, options, key }: { what: string; options: RewriteOptions; key: string },
  ): MeteredModule {
    const metered = rewrite(bytes, what, options)
    this.#cache?.put(key, pack(metered))
    return metered
  }

  #forgetUnused(): void {
    for (const [key, reference] of this.#compiled) if (reference.deref() === undefined) this.#compiled.delete(key)
  }
}

/** Rewrites a module of our own and puts it where {@link ModuleStore.usePrepared} finds it; answers its key. */
export const prepareModule = (folder: URL, bytes: Uint8Array, options: RewriteOptions): string => {
  const key = keyOf(bytes, options)
  writePreparedModule(folder, key, () => pack(rewrite(bytes, 'a module of our own', options)))
  return key
}

const rewrite = (bytes: Uint8Array, what: string, options: RewriteOptions): MeteredModule => {
  const metered = meterModule(bytes, { ...moduleLimits, ...options, validate: whyInvalid })
  if (!metered.ok) throw new BulkheadError(metered.fault.code, `${what}: ${metered.fault.message}`)
  return metered.module
}

const pack = ({ bytes, ...facts }: MeteredModule): KeptModule => ({
  bytes,
  facts: JSON.stringify(facts satisfies Facts),
})

const unpack = ({ bytes, facts }: KeptModule): MeteredModule => ({ ...(JSON.parse(facts) as Facts), bytes })

const keyOf = (bytes: Uint8Array, options: RewriteOptions): string =>
  createHash('sha256')
    .update(JSON.stringify([meterVersion, moduleLimits, options]))
    .update(bytes)
    .digest('hex')

/** Why the engine refuses a module; undefined when it takes it. */
const whyInvalid = (bytes: Uint8Array): string | undefined => {
  if (webAssembly.validate(bytes)) return undefined
  try {
    // Compiling says why; that it compiles after all would be the engine contradicting itself.
    return `it does not validate, ${typeof new webAssembly.Module(bytes)}`
  } catch (thrown) {
    return (thrown as Error).message.replace(/^WebAssembly\.Module\(\): /, '')
  }
}

const compile = (metered: MeteredModule, what: string): CompiledModule => {
  const { bytes, memories, imports, exports, functionExports, usesBlocks, startExport, globalExports } = metered
  try {
    const imported = memories.find(({ own }) => !own)
    return {
      module: new webAssembly.Module(bytes),
      imports,
      exports,
      functionExports,
      ownMemories: memories.filter(({ own }) => own),
      importedMemory: imported,
      usesBlocks,
      metered: { memories, startExport, globalExports },
    }
  } catch (cause) {
    const why = (cause as Error).message.replace(/^WebAssembly\.Module\(\): /, '')
    throw new BulkheadError('artifact.invalid', `${what} is not a valid WebAssembly module: ${why}`, { cause })
  }
}
