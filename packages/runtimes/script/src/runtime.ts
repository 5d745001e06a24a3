// The script tier on the host's side: turns a plugin's sources into one module and opens a cell that runs it. No guest
// code runs here.

import { areasOf, type BundleApart, openBundler } from '@bulkhead/bundle'
import { CellFleet, type Cells, moduleBeside } from '@bulkhead/cell'
import { BulkheadError, type LoadedPlugin, type Manifest, type Runtime } from '@bulkhead/kernel'
import { inspectJavaScript } from './inspect-javascript.ts'
import { readInterpreter } from './interpreter-node.ts'
import { interpreterModuleName, type ScriptExtra } from './driver.ts'

/**
 * Makes the runtime of the script tier: JavaScript and TypeScript. Disposing it ends every plugin that it loaded, and the
 * bundler's process when no other runtime uses it; later loads are refused. Its plugins run in `cells`, which are the
 * caller's to dispose; in some of its own when absent. The sources of those that run in jails are bundled `apart`.
 */
export const makeScriptRuntime = (cells?: Cells, apart?: BundleApart): Runtime => {
  const bundler = openBundler(apart)
  const fleet = new CellFleet('the script runtime', cells)
  let interpreter: Promise<Uint8Array> | undefined
  let closed = false
  return {
    tier: 'script',
    load: async (artifact, options): Promise<LoadedPlugin> => {
      fleet.requireOpen()
      requireJavaScript(artifact.manifest)
      const bundle = await bundler.bundle(artifact, {
        maxFileBytes: options.limits.fileSizeBytes,
        ...(options.boundary === 'jail' ? { domain: options.domain } : {}),
      })
      interpreter ??= readInterpreter()
      const extra: ScriptExtra = {
        areas: areasOf(artifact.manifest),
        ...(bundle.map === undefined ? {} : { map: bundle.map }),
        ...(bundle.annotations === undefined ? {} : { annotations: bundle.annotations }),
      }
      return fleet.open({
        boundary: options.boundary,
        domain: options.domain,
        driverUrl: moduleBeside(import.meta.url, 'driver'),
        signal: options.signal,
        log: (level, message) => options.log(level, message),
        died: (error) => options.care?.crashed(error),
        artifact: {
          name: artifact.manifest.name,
          digest: artifact.digest,
          entry: artifact.entry,
          bytes: new TextEncoder().encode(bundle.code),
          modules: [{ name: interpreterModuleName, bytes: await interpreter }],
          config: options.config,
          functions: options.functions,
          limits: options.limits,
          isolation: artifact.manifest.execution.isolation,
          extra: { ...extra },
        },
      })
    },
    inspect: async (artifact, options) => {
      fleet.requireOpen()
      requireJavaScript(artifact.manifest)
      return inspectJavaScript(bundler, artifact, options)
    },
    [Symbol.asyncDispose]: async () => {
      if (closed) return
      closed = true
      await fleet[Symbol.asyncDispose]()
      await bundler[Symbol.asyncDispose]()
    },
  }
}

const requireJavaScript = ({ name, execution: { language } }: Manifest): void => {
  if (language === undefined || language === 'javascript' || language === 'typescript') return
  throw new BulkheadError('runtime.missing', `${name} is written in ${language}, which this build does not run`)
}
