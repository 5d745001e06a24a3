// The folders of some packages and of all that they depend on, as a process needs to see them that runs their code.

import { existsSync, lstatSync, readFileSync, realpathSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { BulkheadError } from '@bulkhead/kernel'

/** What has to be seen. Paths are absolute. */
export interface PackageFolders {
  /** The packages' own, and nothing beside them: no folder that other packages are in as well. */
  readonly folders: readonly string[]
  /** Links by which packages are found from others, outside of those folders. */
  readonly links: readonly { readonly path: string; readonly target: string }[]
}

/** @throws BulkheadError `host.internal` for a package that is not installed */
export const packageFolders = (names: readonly string[], from: string): PackageFolders => {
  const folders = new Set<string>()
  const links = new Map<string, string>()
  /** The real path of a package, step by step: a link may stand anywhere on the way. */
  const follow = (start: string, name: string): string => {
    let at = start
    for (const step of ['node_modules', ...name.split('/')]) {
      const next = join(at, step)
      at = realpathSync(next)
      if (lstatSync(next).isSymbolicLink()) links.set(next, at)
    }
    return at
  }
  const visit = (name: string, importer: string): void => {
    const finder = findPackage(name, importer)
    if (finder === undefined) throw new BulkheadError('host.internal', `the package ${name} is not installed`)
    const folder = follow(finder, name)
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
  for (const name of names) visit(name, realpathSync(dirname(fileURLToPath(from))))
  const isSeen = (path: string): boolean => [...folders].some((folder) => path.startsWith(`${folder}/`))
  return {
    folders: [...folders],
    links: [...links].map(([path, target]) => ({ path, target })).filter(({ path }) => !isSeen(path)),
  }
}

/** The folder in whose `node_modules` the package is, as Node looks for it (Modules, "Loading from node_modules folders"). */
const findPackage = (name: string, from: string): string | undefined => {
  for (let folder = from; ; folder = dirname(folder)) {
    if (existsSync(join(folder, 'node_modules', name, 'package.json'))) return folder
    if (folder === dirname(folder)) return undefined
  }
}
