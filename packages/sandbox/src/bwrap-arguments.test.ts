import { expect, test } from 'vitest'
import { firstFreeDescriptor, makeBwrapOptions, type SystemLayout } from './bwrap-arguments.ts'
import type { Confinement } from './confinement.ts'
import { planMounts } from './mounts.ts'

const layout: SystemLayout = {
  libraries: [{ path: '/usr/lib' }, { path: '/lib', link: 'usr/lib' }],
  programs: [{ path: '/usr/bin' }],
  hostFilesOfProc: ['/proc/cmdline'],
  devices: ['/dev/own/null'],
}
const plain: Confinement = {
  argv: ['/usr/bin/true'],
  workingFolder: '/data',
  readable: [],
  writable: [],
  sockets: [],
  environment: {},
  system: 'none',
  network: 'none',
  tmpBytes: 4096,
  limits: { memoryBytes: 1 << 26, cpuSeconds: 5, processes: 16, openFiles: 64, fileSizeBytes: 1 << 20 },
}

/** How many operands follow each option: a reader of the list as bubblewrap is one. */
const operands: Record<string, number> = {
  ...{ '--unshare-all': 0, '--unshare-user': 0, '--disable-userns': 0, '--share-net': 0, '--new-session': 0 },
  ...{ '--as-pid-1': 0, '--clearenv': 0, '--uid': 1, '--gid': 1, '--cap-drop': 1, '--setenv': 2, '--proc': 1 },
  ...{ '--ro-bind': 2, '--bind': 2, '--remount-ro': 1, '--dev': 1, '--perms': 1, '--size': 1, '--tmpfs': 1 },
  ...{ '--ro-bind-fd': 2, '--bind-fd': 2, '--dev-bind': 2 },
  ...{ '--symlink': 2, '--chdir': 1, '--seccomp': 1, '--ro-bind-data': 2 },
}

const parse = (part: Partial<Confinement>): string[][] => {
  const confinement = { ...plain, ...part }
  const mounts = planMounts(confinement).map((mount, index) => ({
    ...mount,
    descriptor: firstFreeDescriptor + index,
    isFolder: !mount.path.includes('.'),
  }))
  const words = makeBwrapOptions(confinement, layout, mounts)
  const parsed: string[][] = []
  for (let index = 0; index < words.length; ) {
    const count = operands[words[index] as string]
    expect(count, `${words[index]} at ${index}`).toBeDefined()
    parsed.push(words.slice(index, index + 1 + (count as number)))
    index += 1 + (count as number)
  }
  return parsed
}
const options = (part: Partial<Confinement>): string[] => parse(part).map(([option]) => option as string)

test('every wall stands whatever is asked for', () => {
  const walls = ['--unshare-all', '--unshare-user', '--disable-userns', '--new-session', '--as-pid-1', '--clearenv']
  for (const network of ['none', 'loopback', 'host'] as const) {
    expect(options({ network })).toEqual(expect.arrayContaining([...walls, '--seccomp', '--proc', '--dev']))
    expect(parse({ network })).toContainEqual(['--cap-drop', 'ALL'])
    expect(options({ network }).includes('--share-net')).toBe(network === 'host')
  }
})

test('nothing of the host is visible that is not named', () => {
  const binds = (part: Partial<Confinement>): string[][] =>
    parse(part).filter(([option]) => /bind$|symlink/.test(option as string))
  expect(binds({})).toEqual([
    ['--ro-bind', '/dev/null', '/proc/cmdline'],
    ['--dev-bind', '/dev/own/null', '/dev/null'],
  ])
  expect(binds({ system: 'libraries' }).slice(2)).toEqual([
    ['--ro-bind', '/usr/lib', '/usr/lib'],
    ['--symlink', 'usr/lib', '/lib'],
  ])
  expect(binds({ system: 'programs' })).toContainEqual(['--ro-bind', '/usr/bin', '/usr/bin'])
})

test('what a name holds never becomes an option', () => {
  const path = '/data/--bind\n--share-net'
  const parsed = parse({
    readable: [path],
    writable: ['/--dev'],
    environment: { A: '--share-net' },
    workingFolder: path,
  })
  expect(parsed).toContainEqual(['--ro-bind-fd', '12', path])
  expect(parsed).toContainEqual(['--bind-fd', '11', '/--dev'])
  expect(parsed).toContainEqual(['--setenv', 'A', '--share-net'])
  expect(parsed).toContainEqual(['--chdir', path])
  expect(parsed.map(([option]) => option)).not.toContain('--share-net')
})

test('the narrower grant lies over the wider one', () => {
  const binds = parse({ readable: ['/a/b/c', '/a'], writable: ['/a/b'], sockets: ['/a/b/s'] }).filter(([option]) =>
    option?.endsWith('bind-fd'),
  )
  expect(binds.map((words) => words.join(' '))).toEqual([
    '--ro-bind-fd 11 /a',
    '--bind-fd 12 /a/b',
    '--ro-bind-fd 13 /a/b/c',
    '--ro-bind-fd 14 /a/b/s',
  ])
})

test('what is hidden lies over what shows it, and cannot be filled', () => {
  const parsed = parse({ writable: ['/a'], hidden: ['/a/folder', '/a/file.txt'] })
  const at = (...words: string[]): number =>
    parsed.findIndex((each) => words.every((word, index) => each[index] === word))
  expect(at('--bind-fd', '11', '/a')).toBeLessThan(at('--ro-bind', '/dev/null', '/a/file.txt'))
  expect(at('--tmpfs', '/a/folder')).toBeLessThan(at('--remount-ro', '/a/folder'))
  expect(parsed[at('--tmpfs', '/a/folder') - 2]).toEqual(['--perms', '0555'])
})

test('nothing is shown below what is hidden, and the word to hide beats the others', () => {
  expect(() => parse({ readable: ['/a', '/a/b/c'], hidden: ['/a/b'] })).toThrow(/is hidden/)
  expect(planMounts({ ...plain, readable: ['/a'], writable: ['/a'], hidden: ['/a'] })).toEqual([
    { path: '/a', how: 'hide' },
  ])
})

test('files of the program alone come from descriptors of their own', () => {
  const bytes = new Uint8Array(1)
  const parsed = parse({
    readable: ['/a'],
    files: [
      { path: '/plugin/main', bytes, executable: true },
      { path: '/plugin/data', bytes },
    ],
  })
  const at = parsed.findIndex(([option, descriptor]) => option === '--ro-bind-data' && descriptor === '12')
  expect(parsed.slice(at - 1, at + 3)).toEqual([
    ['--perms', '0555'],
    ['--ro-bind-data', '12', '/plugin/main'],
    ['--perms', '0444'],
    ['--ro-bind-data', '13', '/plugin/data'],
  ])
})

test('what the sandbox makes is closed only when everything stands in it', () => {
  const parsed = parse({ readable: ['/tmp/x', '/data'], system: 'programs' })
  const at = (option: string, operand: string): number =>
    parsed.findIndex((each) => each[0] === option && each[1] === operand)
  expect(at('--tmpfs', '/tmp')).toBeLessThan(at('--ro-bind-fd', '12'))
  expect(at('--ro-bind-fd', '11')).toBeLessThan(at('--remount-ro', '/'))
  expect(at('--dev', '/dev')).toBeLessThan(at('--dev-bind', '/dev/own/null'))
  expect(at('--dev-bind', '/dev/own/null')).toBeLessThan(at('--remount-ro', '/dev'))
  expect(at('--tmpfs', '/dev/shm')).toBeLessThan(at('--remount-ro', '/dev'))
  expect(at('--ro-bind', '/dev/null')).toBeLessThan(at('--remount-ro', '/proc'))
  for (const folder of ['/tmp', '/dev/shm']) {
    expect(parsed[at('--tmpfs', folder) - 1]).toEqual(['--size', '4096'])
  }
})
