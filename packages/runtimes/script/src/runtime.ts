// The script tier on the host's side: turns a plugin's sources into what its interpreter takes and opens a cell that runs it.
// No guest code runs here.

import { areasOf, type BundleApart, openBundler, readSources } from '@bulkhead/bundle'
import { type CellArtifact, CellFleet, type Cells, moduleBeside } from '@bulkhead/cell'
import type { LoadedPlugin, PluginArtifact, Runtime, RuntimeLoadOptions } from '@bulkhead/kernel'
import { type AbiExtra, interpreterModuleName } from './abi/driver.ts'
import { type BuiltLanguage, builtLanguages } from './abi/languages.ts'
import { quickJsModuleName, type ScriptExtra } from './driver.ts'
import { guestApiJson } from './generated/guest-api.ts'
import { inspectBuilt } from './inspect-built.ts'
import { inspectJavaScript } from './inspect-javascript.ts'
import { readBuilt, readQuickJs } from './interpreter-node.ts'

/** What of a cell's artifact depends on the language. */
type Code = Pick<CellArtifact, 'bytes' | 'modules'> & {
  readonly driver: string
  readonly extra: AbiExtra | ScriptExtra
}

/**
 * Makes the runtime of the script tier: JavaScript, TypeScript, Lua and Rune. Disposing it ends every plugin that it loaded, and
 * the bundler's process when no other runtime uses it; later loads are refused. Its plugins run in `cells`, which are the
 * caller's to dispose; in some of its own when absent. The sources of those that run in jails are bundled `apart`.
 */
export const makeScriptRuntime = (cells?: Cells, apart?: BundleApart): Runtime => {
  const bundler = openBundler(apart)
  const fleet = new CellFleet('the script runtime', cells)
  const interpreters = new Map<BuiltLanguage | undefined, Promise<Uint8Array>>()
  let closed = false

  const interpreterOf = (language?: BuiltLanguage): Promise<Uint8Array> => {
    const known = interpreters.get(language)
    if (known !== undefined) return known
    const read = language === undefined ? readQuickJs() : readBuilt(language)
    interpreters.set(language, read)
    read.catch(() => interpreters.delete(language))
    return read
  }

  const bundle = async (artifact: PluginArtifact, options: RuntimeLoadOptions): Promise<Code> => {
    const { code, map, annotations } = await bundler.bundle(artifact, {
      maxFileBytes: options.limits.fileSizeBytes,
      ...(options.boundary === 'jail' ? { domain: options.domain } : {}),
    })
    return {
      driver: 'driver',
      bytes: new TextEncoder().encode(code),
      modules: [{ name: quickJsModuleName, bytes: await interpreterOf() }],
      extra: {
        areas: areasOf(artifact.manifest),
        ...(map === undefined ? {} : { map }),
        ...(annotations === undefined ? {} : { annotations }),
      },
    }
  }

  const gather = async (
    artifact: PluginArtifact,
    language: BuiltLanguage,
    { maxFileBytes, checks }: { readonly maxFileBytes: number; readonly checks?: true },
  ): Promise<Code> => {
    const others = await readSources(artifact, { endings: language.endings, maxFileBytes })
    return {
      driver: 'abi/driver',
      bytes: artifact.entryBytes,
      modules: [{ name: interpreterModuleName, bytes: await interpreterOf(language) }, ...others],
      extra: {
        title: language.title,
        language: language.name,
        areas: areasOf(artifact.manifest),
        table: guestApiJson,
        ...(checks === undefined ? {} : { checks }),
      },
    }
  }

  const open = (artifact: PluginArtifact, options: RuntimeLoadOptions, { driver, extra, ...code }: Code) =>
    fleet.open({
      boundary: options.boundary,
      domain: options.domain,
      driverUrl: moduleBeside(import.meta.url, driver),
      signal: options.signal,
      log: (level, message) => options.log(level, message),
      died: (error) => options.care?.crashed(error),
      artifact: {
        ...code,
        name: artifact.manifest.name,
        digest: artifact.digest,
        entry: artifact.entry,
        config: options.config,
        functions: options.functions,
        limits: options.limits,
        isolation: artifact.manifest.execution.isolation,
        extra: { ...extra },
      },
    })

  return {
    tier: 'script',
    load: async (artifact, options): Promise<LoadedPlugin> => {
      fleet.requireOpen()
      const built = builtLanguages[artifact.manifest.execution.language ?? 'javascript']
      const code = await (built === undefined
        ? bundle(artifact, options)
        : gather(artifact, built, { maxFileBytes: options.limits.fileSizeBytes }))
      return open(artifact, options, code)
    },
    inspect: async (artifact, options) => {
      fleet.requireOpen()
      const built = builtLanguages[artifact.manifest.execution.language ?? 'javascript']
      if (built === undefined) return inspectJavaScript(bundler, artifact, options)
      return inspectBuilt(artifact, options, async () => {
        const code = await gather(artifact, built, { maxFileBytes: options.limits.fileSizeBytes, checks: true })
        return open(artifact, options, code)
      })
    },
    [Symbol.asyncDispose]: async () => {
      if (closed) return
      closed = true
      await fleet[Symbol.asyncDispose]()
      await bundler[Symbol.asyncDispose]()
    },
  }
}
