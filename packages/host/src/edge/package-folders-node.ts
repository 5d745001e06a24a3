// The folders of some packages and of all that they depend on, as a process needs to see them that runs their code.

import { existsSync, lstatSync, readFileSync, realpathSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { BulkheadError } from '@bulkhead/kernel'

/**
 * Real, absolute paths: each package's own, and where links lead to packages, the folder that the link is in.
 * @throws BulkheadError `host.internal` for a package that is not installed
 */
export const packageFolders = (names: readonly string[], from: string): string[] => {
  const folders = new Set<string>()
  const visit = (name: string, importer: string): void => {
    const found = findPackage(name, importer)
    if (found === undefined) throw new BulkheadError('host.internal', `the package ${name} is not installed`)
    if (lstatSync(found).isSymbolicLink()) folders.add(realpathSync(dirname(found)))
    const folder = realpathSync(found)
    if (folders.has(folder)) return
    folders.add(folder)
    const { dependencies = {}, optionalDependencies = {} } = JSON.parse(
      readFileSync(join(folder, 'package.json'), 'utf8'),
    ) as { readonly dependencies?: object; readonly optionalDependencies?: object }
    for (const dependency of Object.keys(dependencies)) visit(dependency, folder)
    // Binaries for other systems than this one are not installed.
    for (const dependency of Object.keys(optionalDependencies)) {
      if (findPackage(dependency, folder) !== undefined) visit(dependency, folder)
    }
  }
  for (const name of names) visit(name, dirname(fileURLToPath(from)))
  return [...folders]
}

/** As Node looks for it (Modules, "Loading from node_modules folders"). */
const findPackage = (name: string, from: string): string | undefined => {
  for (let folder = from; ; folder = dirname(folder)) {
    const candidate = join(folder, 'node_modules', name)
    if (existsSync(join(candidate, 'package.json'))) return candidate
    if (folder === dirname(folder)) return undefined
  }
}
