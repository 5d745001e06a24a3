// Makes one text of source that runs inside guests. For the scripts that write generated modules; nothing of it ships.

import { fileURLToPath } from 'node:url'
import { build, type Plugin } from 'esbuild'

export { stop as endBuilds } from 'esbuild'

/** Guests need the error class of the schema checker, not the host's whole table of texts: each call evaluates this. */
const withoutErrorTable: Plugin = {
  name: 'without-error-table',
  setup: (builder) => {
    builder.onLoad({ filter: /[/\\\\]kernel[/\\\\]src[/\\\\]errors\.ts$/ }, () => ({
      contents:
        'export class BulkheadError extends Error { name = "BulkheadError"; constructor(code, message) { super(message); this.code = code } }',
      loader: 'js',
    }))
  },
}

/** The library shares the SDK's error class, so that `instanceof` means one thing in a plugin. */
const errorsOfSdk: Plugin = {
  name: 'errors-of-sdk',
  setup: (builder) => {
    builder.onResolve({ filter: /\/errors\.ts$/ }, ({ importer }) =>
      /[/\\]sdk[/\\]src[/\\]std[/\\]/.test(importer) ? { path: '@bulkhead/sdk', external: true } : undefined,
    )
  },
}

/** How the text is made. */
export interface GuestSourceOptions {
  readonly format: 'iife' | 'esm'
  /** Where it runs: an engine of ours, or Node, whose modules it may import. */
  readonly platform: 'neutral' | 'node'
}

/** The text of a source with all that it imports. */
export const makeGuestSource = async (entry: URL, { format, platform }: GuestSourceOptions): Promise<string> => {
  const result = await build({
    entryPoints: [fileURLToPath(entry)],
    bundle: true,
    write: false,
    format,
    ...(format === 'iife' ? { globalName: 'prelude' } : {}),
    target: 'es2023',
    platform,
    charset: 'utf8',
    legalComments: 'none',
    minify: true,
    plugins: [withoutErrorTable, errorsOfSdk],
    tsconfigRaw: {},
    conditions: ['@bulkhead/source'],
    logLevel: 'silent',
  })
  return result.outputFiles[0]?.text.trim() ?? ''
}
