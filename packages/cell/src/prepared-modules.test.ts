import { mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { pathToFileURL } from 'node:url'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { rewriteOptions } from './engine.ts'
import { ModuleStore, prepareModule } from './module-store.ts'

const empty = Uint8Array.from([0, 0x61, 0x73, 0x6d, 1, 0, 0, 0])
/** The same with a name of its own, so that it is another module. */
const other = Uint8Array.from([...empty, 0, 2, 1, 0x78])
const options = (memoryBytes: number, fuel?: number) =>
  rewriteOptions({ memoryBytes: 2 ** 31 }, { limits: { memoryBytes, fuel } })

let path: string
let folder: URL
beforeEach(() => {
  path = mkdtempSync(join(tmpdir(), 'bulkhead-prepared-'))
  folder = pathToFileURL(`${path}/`)
})
afterEach(() => rmSync(path, { recursive: true, force: true }))

test('what was prepared is what is compiled, whatever memory the plugin has', () => {
  const key = prepareModule(folder, empty, options(0))
  expect(readdirSync(path).sort()).toEqual([`${key}.json`, `${key}.wasm`])
  // Something that does not compile in its place shows that it is read.
  writeFileSync(join(path, `${key}.wasm`), 'no module')
  const store = new ModuleStore()
  store.usePrepared(folder)
  expect(() => store.compile(empty, 'it', options(100_000_000))).toThrow(/it is not a valid WebAssembly module/)
})

test('another module, and one whose fuel is counted, are rewritten', () => {
  const key = prepareModule(folder, empty, options(0))
  writeFileSync(join(path, `${key}.wasm`), 'no module')
  const store = new ModuleStore()
  store.usePrepared(folder)
  expect(store.compile(other, 'it', options(0)).exports).toBeDefined()
  expect(store.compile(empty, 'it', options(0, 1)).exports).toBeDefined()
})
