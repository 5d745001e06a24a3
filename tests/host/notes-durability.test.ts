// The vault under death and with several processes: no acknowledged write is lost, no note is half written, no rename is half done.

import { type ChildProcess, spawn } from 'node:child_process'
import { createHash } from 'node:crypto'
import { existsSync, readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { expect, test } from 'vitest'
import { openTestVault, type TestVault } from '../support/vault.ts'

const program = fileURLToPath(new URL('../support/notes-writer.ts', import.meta.url))

const start = (vault: TestVault, ...args: readonly string[]): ChildProcess =>
  spawn(process.execPath, ['--conditions=@bulkhead/source', program, vault.home, vault.path, ...args], {
    stdio: ['ignore', 'pipe', 'inherit'],
  })
const exit = (child: ChildProcess): Promise<number | null> =>
  new Promise((resolve) => child.once('exit', (code) => resolve(code)))

/** Kills the process some time after it has said so many lines; what it had said. */
const killAfter = async (child: ChildProcess, lines: number, ms: number): Promise<string[]> => {
  let printed = ''
  const dead = exit(child)
  await new Promise<void>((resolve) => {
    child.stdout?.on('data', (chunk: Buffer) => {
      printed += chunk.toString()
      if (printed.split('\n').length > lines) resolve()
    })
  })
  await new Promise((resolve) => setTimeout(resolve, ms))
  child.kill('SIGKILL')
  await dead
  return printed.split('\n').slice(0, -1)
}

const filesBelow = (folder: string): string[] =>
  readdirSync(folder, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => join(entry.parentPath, entry.name))

const versionOf = (content: Buffer): string => createHash('sha256').update(content).digest('hex').slice(0, 32)

/** Different in each run, the same in one: what failed can be told. */
const random = (round: number): number => (Math.imul(round + 1, 2654435761) >>> 0) / 2 ** 32

test('two processes that write one note by its version lose no line', async () => {
  await using vault = await openTestVault({ 'Count.md': '' })
  const children = ['one', 'two'].map((name) => start(vault, 'count', name, '40'))
  for (const child of children) child.stdout?.resume()
  expect(await Promise.all(children.map(exit))).toEqual([0, 0])
  const lines = (await vault.text('Count.md')).trimEnd().split('\n')
  expect(lines).toHaveLength(80)
  expect(new Set(lines).size).toBe(80)
})

test('what was acknowledged before a SIGKILL at any moment is there, and every note is whole', async () => {
  await using vault = await openTestVault()
  for (let round = 0; round < 8; round++) {
    const acknowledged = new Map<string, { turn: number; version: string }>()
    const said = await killAfter(start(vault, 'write', 'x', '100000'), 8 + round * 3, random(round) * 30)
    for (const line of said.slice(1)) {
      const { turn, path, version } = JSON.parse(line) as { turn: number; path: string; version: string }
      acknowledged.set(path, { turn, version })
    }
    for (const [path, { turn, version }] of acknowledged) {
      const content = readFileSync(join(vault.path, path))
      const text = content.toString()
      const first = Number(/^turn (\d+)\n/.exec(text)?.[1])
      // Whole: its end names the turn of its beginning.
      expect(text.endsWith(`end ${first}\n`)).toBe(true)
      // The write that was under way may have come through unacknowledged; an earlier one never comes back.
      if (first === turn) expect(versionOf(content)).toBe(version)
      else expect(first).toBeGreaterThan(turn)
    }
  }
  const { call } = vault.door()
  await call('notes.list', {})
  expect(filesBelow(vault.path).filter((path) => !path.endsWith('.md'))).toEqual([])
})

test('a rename that was cut off is finished by whoever comes next: no link is lost and none leads nowhere', async () => {
  const others = Array.from({ length: 40 }, (_, index) => [
    `Other ${index}.md`,
    `See [[Hub]] and [[Hub#Part|it]], ${index}.\n`,
  ])
  await using vault = await openTestVault({ 'Hub.md': '# Hub\n\n## Part\n', ...Object.fromEntries(others) })
  let cutOff = 0
  for (let round = 0; round < 8; round++) {
    await killAfter(start(vault, 'rename', 'x', '100000'), 2 + (round % 3), random(round) * 120)
    if (readdirSync(join(vault.home, 'notes')).some((name) => name.endsWith('.journal'))) cutOff++
    await vault.reopen()
    const { call } = vault.door()
    // What was cut off is finished before the first answer; until then both names may be there.
    await call('notes.status', {})
    const present = existsSync(join(vault.path, 'Hub.md')) ? 'Hub.md' : 'Deep/Moved hub.md'
    const { links } = await call<{ links: { path: string }[] }>('notes.backlinks', { path: present, limit: 1000 })
    expect(links).toHaveLength(80)
    expect((await call('notes.unresolved', {}))['links']).toEqual([])
    expect([existsSync(join(vault.path, 'Hub.md')), existsSync(join(vault.path, 'Deep/Moved hub.md'))].sort()).toEqual([
      false,
      true,
    ])
    expect(readdirSync(join(vault.home, 'notes')).filter((name) => name.endsWith('.journal'))).toEqual([])
    const [first] = others
    expect(await vault.text('Other 0.md')).toBe(
      present === 'Hub.md' ? first?.[1] : 'See [[Moved hub]] and [[Moved hub#Part|it]], 0.\n',
    )
    // So that the next process can begin with it.
    if (present !== 'Hub.md') await call('notes.rename', { from: present, to: 'Hub' })
  }
  // Some round was cut off in the middle, or the test shows nothing.
  expect(cutOff).toBeGreaterThan(0)
})
