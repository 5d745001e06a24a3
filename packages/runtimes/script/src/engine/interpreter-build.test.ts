// The pinned build of QuickJS is what interpreter-build.ts says; any other is refused before it runs.

import { readFile } from 'node:fs/promises'
import { createRequire } from 'node:module'
import type { CompiledModule } from '@bulkhead/cell'
import { meterModule } from '@bulkhead/meter'
import { expect, test } from 'vitest'
import { functionImports, requireKnownBuild } from './interpreter-build.ts'

const readBuild = async (): Promise<CompiledModule> => {
  const path = createRequire(import.meta.url).resolve('@jitl/quickjs-wasmfile-release-sync/wasm')
  const metered = meterModule(await readFile(path), {
    maxMemoryPages: 32_768,
    maxTableElements: 10_000,
    maxModuleBytes: 2 ** 20,
    fuel: false,
    validate: () => undefined,
  })
  if (!metered.ok) throw new Error(metered.fault.message)
  return metered.module as unknown as CompiledModule
}

const build = await readBuild()

test('the pinned build is known, import for import', () => {
  expect(() => requireKnownBuild(build)).not.toThrow()
  const functions = build.imports.filter(({ kind }) => kind === 'function').map(({ name }) => name)
  expect(functions.toSorted()).toEqual([...functionImports].toSorted())
})

test.each<[string, Partial<CompiledModule>, RegExp]>([
  ['one import more', { imports: [...build.imports, { module: 'a', name: 'z', kind: 'function' }] }, /imports a\.z/],
  ['one import less', { imports: build.imports.slice(1) }, /does not import a\.b function/],
  ['an import twice', { imports: [...build.imports, ...build.imports.slice(0, 1)] }, /does not import|imports/],
  [
    'another kind',
    { imports: build.imports.map((one) => ({ ...one, kind: 'global' as const })) },
    /imports a\.b global/,
  ],
  [
    'an export less',
    { functionExports: build.functionExports.filter(({ name }) => name !== 'ma') },
    /"ma" is not call/,
  ],
  [
    'an export with other parameters',
    { functionExports: build.functionExports.map((one) => ({ ...one, parameters: 9 })) },
    /is not construct/,
  ],
])('%s is refused', (_name, changed, message) => {
  expect(() => requireKnownBuild({ ...build, ...changed })).toThrow(
    expect.objectContaining({ code: 'host.internal', message: expect.stringMatching(message) }),
  )
})
