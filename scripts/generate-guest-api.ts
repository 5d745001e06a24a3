// Writes what is made from the guest API table and the schemas of the host functions: the TypeScript types of the areas,
// the reference, and the stubs for editors.
//   node --conditions=@bulkhead/source scripts/generate-guest-api.ts
// A test compares the committed files with what this yields.

import { mkdirSync, writeFileSync } from 'node:fs'
import { dirname } from 'node:path'
import { fileURLToPath, pathToFileURL } from 'node:url'
import { luaAreaModules, luaAreaStub, luaStub } from './guest-api/lua-stub.ts'
import { makeMethods } from './guest-api/method-model.ts'
import { guestApiReference } from './guest-api/reference-page.ts'
import { runeStub } from './guest-api/rune-stub.ts'
import { typescriptAreas } from './guest-api/typescript-areas.ts'

const at = (path: string): string => fileURLToPath(new URL(`../${path}`, import.meta.url))

/** Each file with its text. */
export const guestApiFiles = (): ReadonlyMap<string, string> => {
  const areas = makeMethods()
  return new Map([
    [at('packages/sdk/src/generated/areas.ts'), typescriptAreas(areas)],
    [at('docs/reference/guest-api.md'), guestApiReference(areas)],
    [at('sdks/lua/library/bulkhead.lua'), luaStub(areas)],
    ...luaAreaModules.map((area) => [at(`sdks/lua/library/bulkhead/${area}.lua`), luaAreaStub(area)] as const),
    [at('sdks/rune/host.rn'), runeStub(areas)],
  ])
}

if (process.argv[1] !== undefined && import.meta.url === pathToFileURL(process.argv[1]).href) {
  for (const [path, text] of guestApiFiles()) {
    mkdirSync(dirname(path), { recursive: true })
    writeFileSync(path, text)
  }
}
