// The plugin's own module: one text that was bundled on the host's side, under a name by which its frames are known. There
// is no other module to import; what is left of an import in a bundle is one that is computed while it runs.

import { readFileSync } from 'node:fs'
import { registerHooks } from 'node:module'
import { pluginFileName } from '../../../bundle/src/answers/plugin-file-name.ts'

/** Evaluates the module that lies beside this one, and gives its exports. From then on nothing can be imported. */
export const importPlugin = (): Promise<Record<string, unknown>> => {
  const source = readFileSync(new URL('plugin.mjs', import.meta.url), 'utf8')
  let isTaken = false
  registerHooks({
    resolve: (specifier) => {
      if (isTaken) throw new ReferenceError(`could not load module '${specifier}'`)
      isTaken = true
      return { url: pluginFileName, format: 'module', shortCircuit: true }
    },
    load: () => ({ format: 'module', source, shortCircuit: true }),
  })
  return import(pluginFileName) as Promise<Record<string, unknown>>
}
