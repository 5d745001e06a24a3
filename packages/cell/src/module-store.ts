// Compiled modules of one thread: what two plugins (or two loads of one) have in common is validated, rewritten and
// compiled once. The engine itself shares compiled code between the threads of a process; rewritten bytes outlive the
// process in a cache, if there is one.

import { createHash } from 'node:crypto'
import { BulkheadError } from '@bulkhead/kernel/wire'
import { type MeteredModule, type MeterOptions, meterModule, meterVersion } from '@bulkhead/meter'
import type { CodeCache } from './code-cache/index.ts'
import type { CompiledModule } from './driver.ts'
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
  /** Compiled modules that somebody still uses. */
  readonly #compiled = new Map<string, WeakRef<CompiledModule>>()

  constructor(cache?: CodeCache) {
    this.#cache = cache
  }

  /** @throws BulkheadError `artifact.*`, `limit.memory` */
  compile(bytes: Uint8Array, what: string, options: RewriteOptions): CompiledModule {
    const key = keyOf(bytes, options)
    const known = this.#compiled.get(key)?.deref()
    if (known !== undefined) return known
    const rewritten = this.#cached(key) ?? this.#rewrite(bytes, { what, options, key })
    const compiled = compile(rewritten, what)
    this.#forgetUnused()
    this.#compiled.set(key, new WeakRef(compiled))
    return compiled
  }

  #cached(key: string): MeteredModule | undefined {
    const kept = this.#cache?.get(key)
    return kept === undefined ? undefined : { ...(JSON.parse(kept.facts) as Facts), bytes: kept.bytes }
  }

  #rewrite(
    bytes: Uint8Array,
    { what, options, key }: { what: string; options: RewriteOptions; key: string },
  ): MeteredModule {
    const metered = meterModule(bytes, { ...moduleLimits, ...options, validate: whyInvalid })
    if (!metered.ok) throw new BulkheadError(metered.fault.code, `${what}: ${metered.fault.message}`)
    const { bytes: rewritten, ...facts } = metered.module
    this.#cache?.put(key, { bytes: rewritten, facts: JSON.stringify(facts) })
    return metered.module
  }

  #forgetUnused(): void {
    for (const [key, reference] of this.#compiled) if (reference.deref() === undefined) this.#compiled.delete(key)
  }
}

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
