import { mkdirSync, mkdtempSync, realpathSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { pathToFileURL } from 'node:url'
import { expect, test } from 'vitest'
import { packageFolders } from './package-folders-node.ts'

/** A folder with packages at these paths, each with its dependencies, and links at others. */
const layOut = (packages: Readonly<Record<string, readonly string[]>>, links: Readonly<Record<string, string>>) => {
  const root = realpathSync(mkdtempSync(join(tmpdir(), 'bulkhead-packages-')))
  for (const [path, names] of Object.entries(packages)) {
    mkdirSync(join(root, path), { recursive: true })
    const dependencies = Object.fromEntries(names.map((name) => [name, '*']))
    writeFileSync(join(root, path, 'package.json'), JSON.stringify({ dependencies }))
  }
  for (const [path, target] of Object.entries(links)) {
    mkdirSync(dirname(join(root, path)), { recursive: true })
    symlinkSync(join(root, target), join(root, path))
  }
  const found = packageFolders(['@a/one'], pathToFileURL(join(root, 'app/index.js')).href)
  const short = (path: string): string => path.slice(root.length + 1)
  return {
    folders: found.folders.map(short).sort(),
    links: Object.fromEntries(found.links.map(({ path, target }) => [short(path), short(target)])),
    [Symbol.dispose]: () => rmSync(root, { recursive: true }),
  }
}

test('a dependency that is a link is shown without what stands beside the link', () => {
  using found = layOut(
    { 'app/node_modules/@a/one': ['two'], 'app/node_modules/private': [], 'elsewhere/two': [] },
    { 'app/node_modules/two': 'elsewhere/two' },
  )
  expect(found).toMatchObject({
    folders: ['app/node_modules/@a/one', 'elsewhere/two'],
    links: { 'app/node_modules/two': 'elsewhere/two' },
  })
})

test('packages of a workspace and of a store of links are found, whatever of the way is a link', () => {
  using found = layOut(
    {
      app: [],
      'app/private': [],
      'store/one/node_modules/@a/one': ['two', '@b/three'],
      'store/two/node_modules/two': [],
      'scope/three': [],
    },
    {
      'app/node_modules/@a/one': 'store/one/node_modules/@a/one',
      'store/one/node_modules/two': 'store/two/node_modules/two',
      'store/one/node_modules/@b': 'scope',
    },
  )
  expect(found).toMatchObject({
    folders: ['scope/three', 'store/one/node_modules/@a/one', 'store/two/node_modules/two'],
    links: {
      'app/node_modules/@a/one': 'store/one/node_modules/@a/one',
      'store/one/node_modules/two': 'store/two/node_modules/two',
      'store/one/node_modules/@b': 'scope',
    },
  })
})
