// The index and the lock of a vault, damaged or planted in the state folder. The index is a cache: whatever lies there, the vault
// answers from the notes, writes go on, and nothing outside of the vault is read or written.

import { spawnSync } from 'node:child_process'
import {
  closeSync,
  copyFileSync,
  existsSync,
  mkdirSync,
  openSync,
  readdirSync,
  readFileSync,
  rmSync,
  symlinkSync,
  truncateSync,
  writeFileSync,
  writeSync,
} from 'node:fs'
import { createHash } from 'node:crypto'
import { join } from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import type { BulkheadError } from '@bulkhead/kernel'
import { expect, test } from 'vitest'
import { openTestVault, type TestVault } from '../support/vault.ts'

const stateOf = ({ home, path }: TestVault): string =>
  join(home, 'notes', createHash('sha256').update(path).digest('hex').slice(0, 32))
const indexOf = (vault: TestVault): string => `${stateOf(vault)}.plain.sqlite`

const notes = Object.fromEntries(
  Array.from({ length: 30 }, (_, index) => [
    `Folder ${index % 3}/Note ${index}.md`,
    `---\naliases: [Also ${index}]\n---\n# Note ${index}\n\n#tag${index % 4} [[Note ${(index + 1) % 30}]] apple\n`,
  ]),
)

/** Everything works as on a vault that was just made. */
const expectWorking = async (vault: TestVault): Promise<void> => {
  const { call } = vault.door()
  const { notes: listed } = await call<{ notes: { path: string }[] }>('notes.list', { limit: 1000 })
  expect(listed.map(({ path }) => path).sort()).toEqual(Object.keys(notes).sort())
  const { hits } = await call<{ hits: unknown[] }>('notes.search', { query: 'apple', limit: 100 })
  expect(hits).toHaveLength(30)
  const { links } = await call<{ links: { path: string }[] }>('notes.backlinks', { path: 'Folder 0/Note 3' })
  expect(links.map((link) => link.path)).toEqual(['Folder 2/Note 2.md'])
  await call('notes.write', { path: 'New', content: 'pear' })
  await call('notes.rename', { from: 'New', to: 'Newer' })
  expect((await call<{ hits: unknown[] }>('notes.search', { query: 'pear' })).hits).toHaveLength(1)
  await call('notes.delete', { path: 'Newer' })
}

/** A vault whose index was made and closed. */
const openIndexed = async (): Promise<TestVault> => {
  const vault = await openTestVault(notes)
  await expectWorking(vault)
  return vault
}

const withDatabase = (file: string, sql: string): void => {
  const database = new DatabaseSync(file)
  database.exec(sql)
  database.close()
}

/** Damages an index that nobody has open, then uses the vault. */
const survives = async (act: (file: string, vault: TestVault) => void): Promise<void> => {
  await using vault = await openIndexed()
  await vault.reopen()
  act(indexOf(vault), vault)
  await expectWorking(vault)
}

test.each<[string, (file: string, vault: TestVault) => void]>([
  ['nothing in it', (file) => truncateSync(file, 0)],
  ['half of it', (file) => truncateSync(file, 20_480)],
  ['a part of a page', (file) => truncateSync(file, 5000)],
  ['text', (file) => writeFileSync(file, 'no database')],
  ['a gigantic hole', (file) => truncateSync(file, 2 ** 40)],
  ['another database', (file) => (rmSync(file), withDatabase(file, 'CREATE TABLE note (x); PRAGMA user_version = 1'))],
  ['no tables', (file) => (rmSync(file), withDatabase(file, 'PRAGMA user_version = 1'))],
  [
    'views for tables',
    (file) => (
      rmSync(file),
      withDatabase(file, 'CREATE VIEW note AS SELECT 1 AS path; CREATE VIEW text AS SELECT 1; PRAGMA user_version = 7')
    ),
  ],
  [
    'views of this format',
    (file) => (
      rmSync(file),
      withDatabase(
        file,
        'CREATE VIEW note AS SELECT 1 AS path; CREATE VIEW setting AS SELECT 1; PRAGMA user_version = 1',
      )
    ),
  ],
  ['a trigger', (file) => withDatabase(file, 'CREATE TRIGGER t AFTER INSERT ON note BEGIN DELETE FROM note; END')],
  [
    'a trigger and another format',
    (file) =>
      withDatabase(file, 'CREATE TRIGGER t AFTER INSERT ON note BEGIN DELETE FROM note; END; PRAGMA user_version = 9'),
  ],
  ['a table less', (file) => withDatabase(file, 'DROP TABLE alias')],
  ['another text index', (file) => withDatabase(file, `DROP TABLE text; CREATE VIRTUAL TABLE text USING fts5(title)`)],
  [
    'notes that are not there',
    (file) =>
      withDatabase(
        file,
        "INSERT INTO note (path, key, name, signature, hash, title, modified, size) VALUES ('../outside.md', 'x', 'x', '', '', 'x', 1, 1), ('Ghost.md', 'ghost', 'ghost', '', '', 'x', 1, 9e18)",
      ),
  ],
  [
    'numbers too large',
    (file) =>
      withDatabase(
        file,
        "UPDATE note SET size = 9223372036854775807, modified = 9e300, signature = ''; UPDATE link SET line = 9223372036854775807",
      ),
  ],
  ['a scan left unfinished', (file) => withDatabase(file, "INSERT INTO setting VALUES ('scan', 'x')")],
  ['a folder in its place', (file) => (rmSync(file), mkdirSync(join(file, 'x'), { recursive: true }))],
  ['a pipe in its place', (file) => (rmSync(file), void spawnSync('mkfifo', [file]))],
  ['a pipe as its log', (file) => (rmSync(`${file}-wal`, { force: true }), void spawnSync('mkfifo', [`${file}-wal`]))],
  ['a folder as its log', (file) => (rmSync(`${file}-wal`, { force: true }), mkdirSync(`${file}-wal`))],
  ['junk as its log', (file) => writeFileSync(`${file}-wal`, 'x'.repeat(9000))],
  ['junk as its shared memory', (file) => writeFileSync(`${file}-shm`, 'x'.repeat(40_000))],
  ['junk as its journal', (file) => writeFileSync(`${file}-journal`, 'x'.repeat(9000))],
])('an index with %s is made anew', async (_name, act) => survives(act))

test('a link in the place of the index, its log or the lock is not followed', async () => {
  await using vault = await openIndexed()
  const outside = join(vault.home, 'outside')
  for (const file of [indexOf(vault), `${indexOf(vault)}-wal`, `${stateOf(vault)}.lock`]) {
    for (const content of ['outside', undefined]) {
      await vault.reopen()
      rmSync(file, { force: true })
      rmSync(outside, { force: true })
      if (content !== undefined) writeFileSync(outside, content)
      symlinkSync(outside, file)
      await expectWorking(vault)
      expect(existsSync(outside) ? readFileSync(outside, 'utf8') : undefined).toBe(content)
    }
  }
})

test('the log of another vault in the place of its own', async () => {
  await using other = await openTestVault({ 'Other.md': 'other' })
  await other.door().call('notes.list', {})
  await survives((file) => copyFileSync(`${indexOf(other)}-wal`, `${file}-wal`))
})

test.each<[string, (file: string) => void]>([
  ['junk', (file) => writeFileSync(file, 'x'.repeat(5000))],
  ['another database', (file) => withDatabase(file, 'CREATE TABLE t (x)')],
  ['a database with a log', (file) => withDatabase(file, 'PRAGMA journal_mode = WAL; CREATE TABLE t (x)')],
  ['a folder', (file) => (rmSync(file), mkdirSync(join(file, 'x'), { recursive: true }))],
  ['a pipe', (file) => (rmSync(file), void spawnSync('mkfifo', [file]))],
  ['a journal beside it', (file) => writeFileSync(`${file}-journal`, 'x'.repeat(5000))],
])('a lock that is %s locks all the same', async (_name, act) => {
  await using vault = await openIndexed()
  await vault.reopen()
  act(`${stateOf(vault)}.lock`)
  await expectWorking(vault)
})

test('bytes that are changed anywhere in an index keep nobody from the notes', { timeout: 120_000 }, async () => {
  await using vault = await openIndexed()
  await vault.reopen()
  const whole = readFileSync(indexOf(vault))
  let state = Number(process.env['FUZZ_SEED'] ?? 1)
  const random = (below: number): number => {
    state = Math.imul(state ^ (state >>> 15), 2246822519) + 0x9e3779b9
    return (state >>> 0) % below
  }
  for (let round = 0; round < Number(process.env['FUZZ'] ?? 12); round++) {
    const damaged = Buffer.from(whole)
    for (let count = 1 + random(40); count > 0; count--) damaged[random(damaged.length)] = random(256)
    for (const ending of ['-wal', '-shm']) rmSync(`${indexOf(vault)}${ending}`, { force: true })
    writeFileSync(indexOf(vault), damaged)
    const { call } = vault.door()
    // What was found may be wrong until the note is read again; but each question is answered, and each note is there.
    const failures: string[] = []
    for (const [name, input] of [
      ['notes.list', { limit: 1000 }],
      ['notes.search', { query: 'apple' }],
      ['notes.backlinks', { path: 'Folder 0/Note 3' }],
      ['notes.tags', {}],
      ['notes.unresolved', {}],
      ['notes.status', {}],
      ['notes.write', { path: 'New', content: `round ${round}` }],
      ['notes.rename', { from: 'New', to: 'Newer' }],
      ['notes.delete', { path: 'Newer' }],
    ] as const) {
      await call(name, input).catch((error: BulkheadError) => {
        // A name in it may be another now: so far nothing can tell.
        if (error.code !== 'notes.not-found') failures.push(`${round} ${name}: ${error.message}`)
      })
    }
    expect(failures).toEqual([])
    expect(await call('notes.read', { path: 'Folder 0/Note 3' })).toMatchObject({
      content: notes['Folder 0/Note 3.md'],
    })
    await vault.reopen()
  }
})

test('an index that loses its bytes while it is open does not end the process', async () => {
  await using vault = await openIndexed()
  for (const size of [0, 8192]) {
    truncateSync(indexOf(vault), size)
    await vault.door().call('notes.read', { path: 'Folder 0/Note 3' })
    await expectWorking(vault)
  }
  const fd = openSync(indexOf(vault), 'r+')
  writeSync(fd, Buffer.alloc(100_000, 7), 0, 100_000, 4096)
  closeSync(fd)
  await expectWorking(vault)
  expect(readdirSync(vault.path).sort()).toEqual(['.trash', 'Folder 0', 'Folder 1', 'Folder 2'])
})
