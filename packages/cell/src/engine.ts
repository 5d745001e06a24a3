// The only way to WebAssembly for drivers: every module passes the meter before it is compiled, and whatever a guest
// throws comes back as a typed error. Holds no guest and makes no decision.

import type { Limits } from '@bulkhead/kernel'
import { BulkheadError } from '@bulkhead/kernel/wire'
import { defaultModuleLimits, growDeniedExport, limitModule } from '@bulkhead/meter'
import type { CompiledModule, Engine } from './driver.ts'
import { classifyThrown } from './trap.ts'
import { type WasmGlobal, webAssembly } from './web-assembly.ts'

/** Bytes of a page of linear memory (WebAssembly core specification, 4.2.8). */
export const pageBytes = 65_536

/** Makes the engine for one artifact. @throws BulkheadError `runtime.missing` where the engine cannot suspend (JSPI) */
export const makeEngine = (limits: Limits): Engine => {
  if (typeof webAssembly.Suspending !== 'function' || typeof webAssembly.promising !== 'function') {
    throw new BulkheadError('runtime.missing', 'this JavaScript engine cannot suspend WebAssembly (JSPI)', {
      hint: 'Use Node 24 or later.',
    })
  }
  return {
    compile: (bytes, what, options = {}) => compileModule(bytes, what, options.memoryBytes ?? limits.memoryBytes),
    instantiate: (compiled, imports) => {
      try {
        return new webAssembly.Instance(compiled.module, imports)
      } catch (thrown) {
        throw classifyThrown(thrown)
      }
    },
    suspending: (run) => new webAssembly.Suspending(run),
    promising: (exported) => webAssembly.promising(exported),
    memory: (minPages, maxPages) => {
      const most = Math.min(maxPages, Math.floor(limits.memoryBytes / pageBytes))
      if (minPages > most) {
        throw new BulkheadError('limit.memory', `the plugin needs ${minPages} pages of memory; its limit is ${most}`)
      }
      return new webAssembly.Memory({ initial: minPages, maximum: most })
    },
    takeMemoryDenial: (instance) => {
      const denied = instance.exports[growDeniedExport] as WasmGlobal | undefined
      if (denied === undefined || denied.value === 0) return false
      denied.value = 0
      return true
    },
    classify: (thrown): BulkheadError => classifyThrown(thrown),
  }
}

const compileModule = (bytes: Uint8Array, what: string, memoryBytes: number): CompiledModule => {
  const limited = limitModule(bytes, { ...defaultModuleLimits, maxMemoryPages: Math.floor(memoryBytes / pageBytes) })
  if (!limited.ok) throw new BulkheadError(limited.fault.code, `${what}: ${limited.fault.message}`)
  const { functionExports, importedMemory, ownMemory } = limited.module
  try {
    const module = new webAssembly.Module(limited.module.bytes)
    return {
      module,
      imports: webAssembly.Module.imports(module),
      exports: webAssembly.Module.exports(module).filter(({ name }) => name !== growDeniedExport),
      functionExports,
      importedMemory,
      ownMemory,
    }
  } catch (cause) {
    const why = (cause as Error).message.replace(/^WebAssembly\.Module\(\): /, '')
    throw new BulkheadError('artifact.invalid', `${what} is not a valid WebAssembly module: ${why}`, { cause })
  }
}
