// The stubs of the Lua library for editors, which people write, against the modules that they describe.

import { readdirSync, readFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { LuaFactory } from 'wasmoon'
import { expect, test } from 'vitest'

const folder = (path: string): string => fileURLToPath(new URL(`../${path}/`, import.meta.url))
const stubs = folder('sdks/lua/library/bulkhead')
const modules = folder('interpreters/lua/std')
const read = (path: string): string => readFileSync(path, 'utf8')

/** Modules that plugins require; the other files of the library are pieces of these. */
const required = ['csv', 'graph', 'machine', 'paths', 'regex', 'text', 'time', 'workflow', 'yaml']

test('each module has a stub, json included, and each stub a module', () => {
  const names = readdirSync(stubs).map((file) => file.replace(/\.lua$/, ''))
  expect(names.sort()).toEqual([...required, 'json'].sort())
  const files = readdirSync(modules).map((file) => file.replace(/\.lua$/, ''))
  expect(required.filter((name) => !files.includes(name))).toEqual([])
})

/** Functions of a module: those that it declares, and members of the table that it begins with. */
const functionsIn = (source: string, name: string): Map<string, string> => {
  const declared = [...source.matchAll(new RegExp(`^function ${name}[.](\\w+)\\(([^)]*)\\)`, 'gm'))]
  const table = new RegExp(`^local ${name} = \\{([^}]*)\\}`, 'm').exec(source)?.[1] ?? ''
  const members = [...table.matchAll(/^ {2}(\w+) = /gm)]
  return new Map([
    ...members.map(([, member = '']) => [member, ''] as const),
    ...declared.map(([, member = '', parameters = '']) => [member, parameters] as const),
  ])
}

test.each(['machine', 'workflow', 'text', 'paths'])('the stub of %s declares what the module has', (name) => {
  const actual = functionsIn(read(`${modules}${name}.lua`), name)
  const told = functionsIn(read(`${stubs}${name}.lua`), name)
  expect([...told.keys()].sort()).toEqual([...actual.keys()].sort())
  // Members of the table are declared elsewhere, with names of their own.
  for (const [member, parameters] of actual) if (parameters !== '') expect(told.get(member), member).toBe(parameters)
  expect(actual.size).toBeGreaterThan(1)
})

test('every stub is Lua that gives a table', async () => {
  const chunks = readdirSync(stubs).map((file) => `(function()\n${read(stubs + file)}\nend)()`)
  const host = required.map((name) => `${name} = {}`).join(', ')
  const lua = await new LuaFactory().createEngine()
  try {
    const types = chunks.map((chunk) => `type(${chunk})`).join(' .. " " .. ')
    expect(await lua.doString(`host = { ${host} }\nreturn ${types}`)).toBe(chunks.map(() => 'table').join(' '))
  } finally {
    lua.global.close()
  }
})
