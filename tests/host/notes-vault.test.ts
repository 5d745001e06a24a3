// What the vault does when all is well, what when others write in the folder, and what when its index is gone.

import { appendFile, readdir, rename, rm, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { makeNotesFunctions, openVaults } from '@bulkhead/service-notes'
import { expect, test } from 'vitest'
import { makeHashingEmbedder } from '../support/hashing-embedder.ts'
import { openDoor } from '../support/door.ts'
import { openTestVault, until } from '../support/vault.ts'

interface Written {
  readonly version: string
  readonly diff?: string
}

test('a write tells the version, a dry run only what would change', async () => {
  await using vault = await openTestVault({ 'A.md': 'one\ntwo\n' })
  const { call, refused } = vault.door()
  const old = await call<Written>('notes.read', { path: 'A' })
  const dry = await call<Written>('notes.write', { path: 'A', content: 'one\n2\n', dryRun: true })
  expect(dry.diff).toBe('--- a/A.md\n+++ b/A.md\n@@ -1,2 +1,2 @@\n one\n-two\n+2\n')
  expect(await vault.text('A.md')).toBe('one\ntwo\n')
  const written = await call<Written>('notes.write', {
    path: 'A',
    content: 'one\n2\n',
    ifVersion: old.version,
    diff: true,
  })
  expect(written).toEqual({ ...dry, path: 'A.md' })
  const error = await refused('notes.write', { path: 'A', content: 'x', ifVersion: old.version })
  expect(error).toMatchObject({ code: 'notes.conflict', details: { version: written.version } })
  expect((await refused('notes.write', { path: 'B', content: 'x', ifVersion: old.version })).code).toBe(
    'notes.not-found',
  )
  expect((await refused('notes.write', { path: 'B', content: 'x', mode: 'update' })).code).toBe('notes.not-found')
  expect((await refused('notes.write', { path: 'A', content: 'x', mode: 'create' })).code).toBe('notes.conflict')
  expect(await vault.text('A.md')).toBe('one\n2\n')
  expect(await readdir(vault.path)).toEqual(['A.md'])
})

test('create, append and edit', async () => {
  await using vault = await openTestVault({ 'A.md': 'no end' })
  const { call, refused } = vault.door()
  await call('notes.append', { path: 'A', content: 'line' })
  await call('notes.append', { path: 'Log/Day', content: 'first\n' })
  expect([await vault.text('A.md'), await vault.text('Log/Day.md')]).toEqual(['no end\nline', 'first\n'])
  await call('notes.edit', { path: 'A', find: 'end', replace: 'start' })
  expect(await vault.text('A.md')).toBe('no start\nline')
  expect(await refused('notes.edit', { path: 'A', find: 'absent', replace: '' })).toMatchObject({
    code: 'notes.failed',
  })
  await call('notes.write', { path: 'A', content: 'aaa' })
  expect((await refused('notes.edit', { path: 'A', find: 'aa', replace: 'b' })).message).toContain('more than once')
  expect(await vault.text('A.md')).toBe('aaa')
})

test('a note that is no text is shown, and not damaged by what would keep a part of it', async () => {
  const bytes = new Uint8Array([0x61, 0xff, 0x62])
  await using vault = await openTestVault({ 'A.md': bytes, 'B.md': '[[A]]' })
  const { call, refused } = vault.door()
  expect(await call('notes.read', { path: 'A' })).toMatchObject({
    content: 'a\ufffdb',
    fault: expect.stringContaining('UTF-8'),
  })
  for (const [name, more] of [
    ['append', { content: 'x' }],
    ['edit', { find: 'a', replace: 'b' }],
  ] as const) {
    expect((await refused(`notes.${name}`, { path: 'A', ...more })).code).toBe('notes.failed')
  }
  expect(await call('notes.status', {})).toMatchObject({ faults: [{ path: 'A.md' }] })
})

test('sizes are bounded for reading, writing and the index, and what is left out is told', async () => {
  await using vault = await openTestVault({ 'Big.md': 'x'.repeat(2000), 'A.md': 'a' })
  const { call, refused } = vault.door(undefined, { limits: { fileSizeBytes: 1000 } })
  expect((await refused('notes.read', { path: 'Big' })).code).toBe('limit.file-size')
  expect((await refused('notes.write', { path: 'A', content: 'ä'.repeat(501) })).code).toBe('limit.file-size')
  expect((await refused('notes.append', { path: 'A', content: 'x'.repeat(1000) })).code).toBe('limit.file-size')
  await vault.put({ 'Huge.md': new Uint8Array(10 * 1024 * 1024 + 1) })
  await until(async () => (await call<{ skipped: unknown[] }>('notes.status', {})).skipped.length > 0)
  expect(await call('notes.status', {})).toMatchObject({ notes: 2, skipped: [{ path: 'Huge.md' }] })
})

test('pages of a list hold every note once, and filters narrow it', async () => {
  const files = Object.fromEntries(
    Array.from({ length: 25 }, (_, index) => [`F${index % 2}/N${index}.md`, `#t${index % 5}/x`]),
  )
  await using vault = await openTestVault({ ...files, 'Top.md': '' })
  const { call } = vault.door()
  const found: string[] = []
  let cursor: string | undefined
  do {
    const page = await call<{ notes: { path: string }[]; cursor?: string }>('notes.list', {
      limit: 7,
      ...(cursor === undefined ? {} : { cursor }),
    })
    found.push(...page.notes.map(({ path }) => path))
    cursor = page.cursor
  } while (cursor !== undefined)
  expect(found).toEqual([...Object.keys(files), 'Top.md'].sort())
  expect(await call('notes.list', { recursive: false })).toMatchObject({
    notes: [{ path: 'Top.md' }],
    folders: ['F0', 'F1'],
  })
  const tagged = await call<{ notes: { path: string }[] }>('notes.list', { tag: '#T1', folder: 'F1/' })
  expect(tagged.notes.map(({ path }) => path)).toEqual(['F1/N1.md', 'F1/N11.md', 'F1/N21.md'])
})

test('what other programs change shows without a restart: files, folders, and moves of either', async () => {
  await using vault = await openTestVault({ 'A.md': '[[B]]', 'Old/C.md': 'kangaroo' })
  const { call } = vault.door()
  const paths = async (): Promise<string> => (await call<{ nodes: string[] }>('notes.graph', {})).nodes.join(' ')
  expect(await paths()).toBe('A.md Old/C.md')
  await vault.put({ 'B.md': 'new', 'New/Deep/D.md': '[[C]]' })
  await until(async () => (await paths()) === 'A.md B.md New/Deep/D.md Old/C.md')
  expect((await call('notes.unresolved', {}))['links']).toEqual([])
  await rename(join(vault.path, 'Old'), join(vault.path, 'Moved'))
  await until(async () => (await paths()) === 'A.md B.md Moved/C.md New/Deep/D.md')
  await appendFile(join(vault.path, 'Moved/C.md'), ' and wombat')
  await until(
    async () => (await call<{ hits: unknown[] }>('notes.search', { query: 'wombat kangaroo' })).hits.length === 1,
  )
  await rm(join(vault.path, 'New'), { recursive: true })
  await rm(join(vault.path, 'B.md'))
  await until(async () => (await paths()) === 'A.md Moved/C.md')
  expect((await call('notes.unresolved', {}))['links']).toMatchObject([{ link: 'B' }])
})

test('what changed while nobody watched shows after a restart', async () => {
  await using vault = await openTestVault({ 'A.md': 'alpha', 'B.md': 'beta' })
  await vault.door().call('notes.list', {})
  await vault.reopen()
  await writeFile(join(vault.path, 'A.md'), 'omega')
  await rm(join(vault.path, 'B.md'))
  const { call } = vault.door()
  expect(await call('notes.search', { query: 'omega' })).toMatchObject({ hits: [{ path: 'A.md' }] })
  expect((await call<{ hits: unknown[] }>('notes.search', { query: 'alpha' })).hits).toEqual([])
  expect((await call<{ nodes: string[] }>('notes.graph', {})).nodes).toEqual(['A.md'])
})

const damages: Readonly<Record<string, (file: string) => Promise<void>>> = {
  'is no database': (file) => writeFile(file, 'x'.repeat(10_000)),
  'is overwritten in the middle': async (file) => {
    const bytes = new Uint8Array(4096 * 30).fill(0xa5)
    const { open } = await import('node:fs/promises')
    const handle = await open(file, 'r+')
    await handle.write(bytes, 0, bytes.byteLength, 4096)
    await handle.close()
  },
  'is gone': (file) => rm(file),
  'is empty': (file) => writeFile(file, ''),
}

test.each(Object.keys(damages))('an index that %s is made anew, and the notes are what they were', async (damage) => {
  await using vault = await openTestVault({ 'A.md': 'alpha [[B]]', 'B.md': 'beta #tag' })
  const { version } = await vault.door().call<Written>('notes.read', { path: 'A' })
  await vault.door().call('notes.list', {})
  await vault.reopen()
  const state = join(vault.home, 'notes')
  const name = (await readdir(state)).find((each) => each.endsWith('.sqlite')) ?? ''
  await damages[damage]?.(join(state, name))
  const { call } = vault.door()
  expect(await call('notes.search', { query: 'alpha' })).toMatchObject({ hits: [{ path: 'A.md' }] })
  expect(await call('notes.backlinks', { path: 'B' })).toMatchObject({ links: [{ path: 'A.md' }] })
  expect(await call('notes.tags', {})).toEqual({ tags: [{ tag: 'tag', count: 1 }] })
  expect(await call('notes.read', { path: 'A' })).toMatchObject({ version })
})

test('two hosts on one vault see what the other writes', async () => {
  await using vault = await openTestVault({ 'A.md': 'alpha' })
  await using others = openVaults({ home: vault.home, folder: vault.path })
  const other = openDoor({ functions: makeNotesFunctions(others, undefined), grants: ['notes.read', 'notes.write'] })
  const { call } = vault.door()
  await Promise.all([call('notes.list', {}), other.call('notes.list', {})])
  await other.call('notes.create', { path: 'B', content: 'quokka [[A]]' })
  expect(await call('notes.search', { query: 'quokka' })).toMatchObject({ hits: [{ path: 'B.md' }] })
  expect(await call('notes.backlinks', { path: 'A' })).toMatchObject({ links: [{ path: 'B.md' }] })
})

test('without a folder of its own the vault is the root of the call’s workspace', async () => {
  await using vault = await openTestVault({ 'one/A.md': '', 'two/B.md': '' })
  await using vaults = openVaults({ home: vault.home })
  for (const [root, path] of [
    ['one', 'A.md'],
    ['two', 'B.md'],
  ] as const) {
    const door = openDoor({
      functions: makeNotesFunctions(vaults, undefined),
      grants: ['notes.read'],
      workspaceRoot: join(vault.path, root),
    })
    expect((await door.call<{ nodes: string[] }>('notes.graph', {})).nodes).toEqual([path])
  }
})

test('search by meaning, by words and by both, and a walk to what is similar', async () => {
  await using vault = await openTestVault(
    {
      'Glacier.md': 'ice glacier crevasse snow ice',
      'Iceberg.md': 'ice snow floe sea',
      'Desert.md': 'sand dune heat camel',
      'Long.md': `${'filler words here. '.repeat(200)}\n\n## Ice\n\nice glacier crevasse\n`,
    },
    { embedder: makeHashingEmbedder() },
  )
  const { call } = vault.door()
  await until(async () => (await call('notes.status', {}))['pending'] === 0)
  const paths = async (mode: string, query: string): Promise<string[]> =>
    (await call<{ hits: { path: string }[] }>('notes.search', { query, mode, limit: 3 })).hits.map(({ path }) => path)
  expect((await paths('semantic', 'ice snow crevasse'))[0]).toBe('Glacier.md')
  expect(await paths('text', 'camel')).toEqual(['Desert.md'])
  expect((await paths('hybrid', 'glacier'))[0]).toBe('Glacier.md')
  const { hits } = await call<{ hits: { path: string; snippet: string }[] }>('notes.search', {
    query: 'ice glacier crevasse',
    mode: 'semantic',
    limit: 4,
  })
  expect(hits.find(({ path }) => path === 'Long.md')?.snippet).toMatch(/^## Ice/)
  const { notes } = await call<{ notes: { path: string; via: string }[] }>('notes.traverse', {
    start: 'Glacier',
    strategy: 'semantic',
    depth: 1,
  })
  expect(
    notes
      .map(({ path }) => path)
      .slice(0, 3)
      .sort(),
  ).toEqual(['Glacier.md', 'Iceberg.md', 'Long.md'])
  await call('notes.write', { path: 'Desert', content: 'ice snow crevasse' })
  await until(async () => (await call('notes.status', {}))['pending'] === 0)
  expect((await paths('semantic', 'ice snow crevasse'))[0]).toBe('Desert.md')
})

test('without an embedder a search by meaning says what is missing', async () => {
  await using vault = await openTestVault({ 'A.md': 'a' })
  expect(await vault.door().refused('notes.search', { query: 'a', mode: 'semantic' })).toMatchObject({
    code: 'notes.failed',
    hint: expect.stringContaining('embedder'),
  })
})

test('walks in breadth and in depth keep to depth, limit and filter', async () => {
  await using vault = await openTestVault({
    'A.md': '[[B]] [[C]]',
    'B.md': '[[D]] #x',
    'C.md': '[[E]] #x',
    'D.md': '[[F]]',
    'E.md': '#x',
    'F.md': '',
  })
  const { call } = vault.door()
  const walk = async (input: object): Promise<string> =>
    (
      await call<{ notes: { path: string; depth: number }[] }>('notes.traverse', {
        start: 'A',
        direction: 'out',
        depth: 9,
        ...input,
      })
    ).notes
      .map(({ path, depth }) => `${path.slice(0, 1)}${depth}`)
      .join(' ')
  expect(await walk({})).toBe('A0 B1 C1 D2 E2 F3')
  expect(await walk({ strategy: 'dfs' })).toBe('A0 B1 D2 F3 C1 E2')
  expect(await walk({ depth: 1 })).toBe('A0 B1 C1')
  expect(await walk({ limit: 2 })).toBe('A0 B1')
  expect(await walk({ filter: { tag: 'x' } })).toBe('B1 C1 E2')
  expect(await walk({ start: 'F', direction: 'in' })).toBe('F0 D1 B2 A3')
  expect(await walk({ start: 'E', direction: 'both', depth: 2 })).toBe('E0 C1 A2')
})

test('no query is a language of the search engine', async () => {
  await using vault = await openTestVault({ 'A.md': 'alpha NEAR beta', 'B.md': '日本語のノート と山' })
  const { call } = vault.door()
  for (const query of [
    '"',
    '*',
    'a"b',
    'title:alpha',
    'NEAR(alpha beta)',
    'NOT',
    '^alpha',
    '{a b}: c',
    '\u0000',
    '()',
    '-',
    "'; DROP TABLE note",
  ]) {
    expect((await call<{ hits: unknown[] }>('notes.search', { query })).hits).toBeInstanceOf(Array)
  }
  expect((await call<{ hits: { path: string }[] }>('notes.search', { query: 'ノート' })).hits[0]?.path).toBe('B.md')
  expect((await call<{ hits: { path: string }[] }>('notes.search', { query: '"near beta"' })).hits[0]?.path).toBe(
    'A.md',
  )
})
