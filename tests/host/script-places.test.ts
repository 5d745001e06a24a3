// A host call that fails in a script is told with its place in the script, in every language; and a misspelt host function with
// the name that was meant.

import { openHost } from '@bulkhead/host'
import { expect, test } from 'vitest'
import { openWorkspace } from '../support/workspace.ts'

const failureOf = async (files: Readonly<Record<string, string>>, action: string): Promise<unknown> => {
  await using workspace = await openWorkspace()
  const paths = await Promise.all(Object.entries(files).map(([name, text]) => workspace.write(name, text)))
  await using host = await openHost({
    plugins: paths.slice(0, 1),
    home: workspace.home,
    policy: { boundary: 'thread' },
  })
  return await host.call('a', action).then(
    (output) => ({ output }),
    (error: unknown) => error,
  )
}

/** Each is refused on line 3, by an error of the host's that has its own code and details. */
const refused: Readonly<Record<string, readonly [file: string, text: string, place: object]>> = {
  JavaScript: [
    'a.js',
    `export const run = async () => {
  const path = 'x.md'
  return host.notes.read(path)
}`,
    { column: 25, frame: '3 |   return host.notes.read(path)\n  |                         ^' },
  ],
  TypeScript: [
    'a.ts',
    `export const run = async (): Promise<unknown> => {
  const path: string = 'x.md'
  return await host.notes.read(path)
}`,
    { column: 27 },
  ],
  'Lua, at the end of a function': [
    'a.lua',
    `function run()
  local path = 'x.md'
  return host.notes.read(path)
end`,
    { frame: '3 |   return host.notes.read(path)' },
  ],
  'Lua, raised again': [
    'a.lua',
    `function run()
  local path = 'x.md'
  local ok, failure = pcall(host.notes.read, path)
  if not ok then error(failure, 0) end
end`,
    {},
  ],
  'Lua, in a task': [
    'a.lua',
    `function run()
  local _, ok, failure = host.wait(host.spawn(function()
    return host.call('notes.read', { path = 'x.md' })
  end))
  error(failure, 0)
end`,
    {},
  ],
  'Lua, several at once': [
    'a.lua',
    `function run()
  local path = 'x.md'
  return host.all({ { 'notes.read', { path = path } } })
end`,
    {},
  ],
  Rune: [
    'a.rn',
    `pub fn run() {
    let path = "x.md";
    let text = host::notes::read(path)?;
    text
}`,
    { column: 16, frame: '3 |     let text = host::notes::read(path)?;\n  |                ^' },
  ],
  'Rune, the last expression': [
    'a.rn',
    `pub fn run() {
    let path = "x.md";
    host::notes::read(path)
}`,
    { column: 5 },
  ],
  'Rune, in another function': [
    'a.rn',
    `fn read(path) {
    // The place is here, not where it is passed on.
    host::notes::read(path)
}
pub fn run() {
    let text = read("x.md")?;
    text
}`,
    { column: 5, stack: [expect.stringContaining('read'), expect.stringContaining('run')] },
  ],
  'Rune, awaited': [
    'a.rn',
    `pub async fn run() {
    let path = "x.md";
    let text = host::start("notes.read", #{ path }).await?;
    text
}`,
    {},
  ],
  'Rune, by a value': [
    'a.rn',
    `pub fn run() {
    let read = host::notes::read;
    let found = read("x.md");
    let text = [1, 2].len();
    found
}`,
    {},
  ],
}

test.each(Object.entries(refused))('%s', async (_name, [file, text, place]) => {
  expect(await failureOf({ [file]: text }, 'run')).toMatchObject({
    code: 'capability.denied',
    hint: expect.stringContaining('notes.read'),
    details: { capability: 'notes.read:x.md', function: 'notes.read', file, line: 3, ...place },
  })
})

test('an error that tells of a place in data keeps it, and has the script’s beside it', async () => {
  const text = `export const run = () => host.yaml.parse('a: [1')`
  const place = { file: 'a.js', line: 1, column: expect.any(Number), frame: expect.stringContaining('host.yaml.parse') }
  expect(await failureOf({ 'a.js': text }, 'run')).toMatchObject({
    code: 'input.invalid',
    details: { line: expect.any(Number), column: expect.any(Number), script: place },
  })
})

test.each([
  ['JavaScript', 'a.js', `export const run = () => host.notes.raed('x')`],
  ['JavaScript, by its context', 'a.js', `export const run = (_input, { yaml }) => yaml.prase('x')`],
  ['Lua', 'a.lua', `function run() return host.notes.raed('x') end`],
])('%s: a misspelt function is told with the one that was meant', async (_name, file, text) => {
  expect(await failureOf({ [file]: text }, 'run')).toMatchObject({
    code: 'plugin.failed',
    message: expect.stringMatching(
      /^host\.(notes has no `raed`; did you mean `read`|yaml has no `prase`; did you mean `parse`)\? \(/,
    ),
    details: { name: 'UnknownHostFunction', file, line: 1, frame: expect.stringMatching('raed|prase') },
  })
})

test('Rune: a misspelt function is told with the one that was meant', async () => {
  const text = `pub fn run() {\n    host::notes::raed("x")\n}`
  expect(await failureOf({ 'a.rn': text }, 'run')).toMatchObject({
    code: 'artifact.compile',
    message: 'host::notes has no `raed`; did you mean `read`? (a.rn:2:5)',
    details: { file: 'a.rn', line: 2 },
  })
})

test.each([
  ['a.js', `export const run = () => [host.notes.raed === undefined, 'raed' in host.notes, host.nots === undefined]`],
  ['a.lua', `function run() return { host.notes.raed == nil, false, host.nots == nil } end`],
])('%s: what the host lacks can be asked for all the same', async (file, text) => {
  expect(await failureOf({ [file]: text }, 'run')).toEqual({ output: [true, false, true] })
})

test('a script of one’s own that fails is not told of the host', async () => {
  const text = `export const run = () => { const mine = {}; if (host.notes.raed) return 1; return mine.other() }`
  expect(await failureOf({ 'a.js': text }, 'run')).toMatchObject({ message: expect.stringContaining('not a function') })
})

test('Rune: a method that is missing is named', async () => {
  const text = `pub fn run() {\n    let text = "abc";\n    text.foo()\n}`
  expect(await failureOf({ 'a.rn': text }, 'run')).toMatchObject({
    message: 'Missing instance function `foo` for `::std::string::String` (a.rn:3:5)',
  })
})
