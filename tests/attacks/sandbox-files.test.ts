// A confined program looks for what it was not given: files of the host, other folders, processes, environments and
// descriptors; and it tries to write outside its grant, or to leave something behind that has rights of ours.

import { spawn } from 'node:child_process'
import {
  chmodSync,
  closeSync,
  existsSync,
  mkdirSync,
  openSync,
  readdirSync,
  readFileSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs'
import { createServer } from 'node:net'
import { homedir } from 'node:os'
import { join } from 'node:path'
import { text } from 'node:stream/consumers'
import { expect, test } from 'vitest'
import { nodePath, nodeScript, runShell, runToEnd, start, linux } from '../support/confined.ts'
import { openTemporaryFolder } from '../support/temporary-folder.ts'

test.runIf(linux)('files of the host do not exist', async () => {
  await using other = await openTemporaryFolder()
  writeFileSync(join(other.path, 'secret'), 'of another plugin')
  const places = [
    '/etc/shadow',
    '/etc/passwd',
    '/etc/hostname',
    '/root',
    '/home',
    '/var',
    '/run',
    '/boot',
    '/sys',
    '/opt',
    '/srv',
  ]
  const wanted = [
    ...places,
    homedir(),
    other.path,
    join(other.path, 'secret'),
    process.cwd(),
    '/proc/1/root/etc/shadow',
  ]
  const script = `const fs = require('fs')
    console.log(JSON.stringify(${JSON.stringify(wanted)}.filter((path) => fs.existsSync(path))))
    console.log(fs.readdirSync('/tmp').length)`
  const { stdout, stderr } = await runToEnd(nodeScript(script))
  // A folder that leads to the one file that was granted is there, and it holds nothing else.
  expect({ stderr, found: stdout.split('\n').slice(0, 2) }).toEqual({
    stderr: '',
    found: [
      JSON.stringify(wanted.filter((path) => `${nodePath}/`.startsWith(`${path}/`))),
      nodePath.startsWith('/tmp/') ? '1' : '0',
    ],
  })
})

test.runIf(linux)('a program of nothing but itself sees nothing of the system', async () => {
  const script = `const fs = require('fs'); console.log(fs.readdirSync('/').sort().join(), fs.existsSync('/usr/bin'))`
  const first = nodePath.split('/')[1] as string
  const { stdout } = await runToEnd({ ...nodeScript(script), system: 'libraries', workingFolder: '/' })
  const names = stdout.split(' ')[0]?.split(',') ?? []
  const allowed = [
    '.gate',
    '.init',
    'dev',
    'etc',
    'lib',
    'lib32',
    'lib64',
    'libx32',
    'nix',
    'proc',
    'tmp',
    'usr',
    first,
  ]
  expect(names.filter((name) => !allowed.includes(name))).toEqual([])
  expect(names).toContain('proc')
  if (!nodePath.startsWith('/usr/bin/')) expect(stdout).toContain('false')
})

test.runIf(linux)('writing stops at the edge of the grant', async () => {
  await using folder = await openTemporaryFolder()
  const [own, shown] = [join(folder.path, 'own'), join(folder.path, 'shown')]
  mkdirSync(own)
  mkdirSync(shown)
  writeFileSync(join(shown, 'file'), 'as it was')
  symlinkSync(join(shown, 'file'), join(own, 'link'))
  const targets = [join(shown, 'file'), join(shown, 'new'), join(own, 'link'), '/new', '/dev/new']
  const more = [
    '/usr/new',
    '/usr/bin/new',
    '/proc/sys/kernel/core_pattern',
    '/proc/sysrq-trigger',
    '/proc/sys/kernel/hostname',
  ]
  const script = `const fs = require('fs'); const done = []
    for (const path of ${JSON.stringify([...targets, ...more, join(own, 'new')])}) {
      try { fs.closeSync(fs.openSync(path, 'a')); done.push(path) } catch {}
    }
    for (const path of ${JSON.stringify([shown, '/usr'])}) {
      try { fs.renameSync(path, path + '-moved'); done.push(path) } catch {}
      try { fs.chmodSync(path, 0o777); done.push(path) } catch {}
    }
    console.log(JSON.stringify(done))`
  const { stdout, stderr } = await runToEnd(nodeScript(script, { readable: [shown], writable: [own] }))
  expect({ stderr, done: stdout.trim() }).toEqual({ stderr: '', done: JSON.stringify([join(own, 'new')]) })
  expect(existsSync(join(own, 'new'))).toBe(true)
  // The folders that lead to a grant stand in the private /tmp here, so they can be written and nothing comes of it.
  await runShell(`echo x > ${folder.path}/new; mv ${folder.path} /tmp/moved`, { readable: [shown], writable: [own] })
  expect(readdirSync(folder.path).sort()).toEqual(['own', 'shown'])
  expect(readFileSync(join(shown, 'file'), 'utf8')).toBe('as it was')
})

test.runIf(linux)('a path that leads through a link is not shown', async () => {
  await using folder = await openTemporaryFolder()
  symlinkSync('/etc', join(folder.path, 'link'))
  for (const path of [join(folder.path, 'link'), join(folder.path, 'link/passwd')]) {
    await expect(start({ argv: ['/bin/true'], readable: [path] })).rejects.toThrow(/symbolic link/)
  }
  await expect(start({ argv: ['/bin/true'], readable: [join(folder.path, 'none')] })).rejects.toThrow(/does not exist/)
})

test.runIf(linux)('names with blanks, dashes and line breaks are shown as they are', async () => {
  await using folder = await openTemporaryFolder()
  const path = join(folder.path, '--bind …\n--share-net $(id) "x')
  mkdirSync(path)
  writeFileSync(join(path, 'file'), 'here')
  const outcome = await runToEnd({
    argv: ['/bin/sh', '-c', 'cat "$1/file"; pwd; printf %s "$STRANGE"', '--', path],
    readable: [path],
    workingFolder: path,
    environment: { STRANGE: '--uid\n0' },
  })
  expect(outcome.stdout).toBe(`here${path}\n--uid\n0`)
})

test.runIf(linux)('no set-id file is left behind for others to start', async () => {
  await using folder = await openTemporaryFolder()
  const script = `cp /bin/sh ${folder.path}/sh; chmod 4755 ${folder.path}/sh; chmod 6777 ${folder.path}/sh; mkdir -m 2777 ${folder.path}/d`
  await runShell(script, { writable: [folder.path] })
  expect(statSync(join(folder.path, 'sh')).mode & 0o6000).toBe(0)
})

test.runIf(linux)('the environment is what was granted, also that of process 1', async () => {
  process.env['BULKHEAD_TEST_SECRET'] = 'of the host'
  try {
    const script = 'env; cat /proc/*/environ; tr "\\0" "\\n" < /proc/1/cmdline'
    const { stdout } = await runShell(script, { environment: { GIVEN: 'value' } })
    expect(stdout).toContain('GIVEN=value')
    expect(stdout).not.toContain('of the host')
    expect(stdout).not.toMatch(/^(?:PATH|HOME|USER)=/m)
  } finally {
    delete process.env['BULKHEAD_TEST_SECRET']
  }
})

test.runIf(linux)('a granted secret is not on a command line of the host', async () => {
  await using confined = await start({ argv: ['/bin/sleep', '5'], environment: { KEY: 'very-secret-value' } })
  const parent = /^PPid:\s*(\d+)/m.exec(readFileSync(`/proc/${confined.pid}/status`, 'utf8'))?.[1]
  const lines = [parent, confined.pid].map((pid) => readFileSync(`/proc/${pid}/cmdline`, 'utf8'))
  expect(lines.join()).toContain('bwrap')
  expect(lines.join()).not.toContain('very-secret-value')
})

test.runIf(linux)('processes of the host have no number, and process 1 cannot be written to', async () => {
  const script = `ls /proc | grep -c '^[0-9]'; kill -0 ${process.pid} || echo none; (printf x > /proc/1/mem) 2>/dev/null && echo written
    cat /proc/cmdline /proc/kcore /proc/keys /proc/slabinfo /proc/vmallocinfo /proc/pagetypeinfo 2>/dev/null | head -c 10; echo .
    dd if=/proc/kpageflags bs=8 count=1 2>/dev/null | wc -c`
  const [count, ...rest] = (await runShell(script)).stdout.trim().split('\n')
  expect(Number(count)).toBeLessThanOrEqual(5)
  expect(rest).toEqual(['none', '.', '0'])
})

test.runIf(linux)('device files work, and are not changed for the whole machine', async () => {
  const script = `echo x > /dev/null && head -c 4 /dev/zero | wc -c; head -c 4 /dev/urandom | wc -c; echo x > /dev/full
    for name in null zero full random urandom tty; do chmod 666 /dev/$name && echo changed; done; echo end`
  const { stdout, stderr } = await runShell(script)
  expect(stdout).toBe('4\n4\nend\n')
  expect(stderr).toMatch(/I\/O error|No space left/)
  expect(stderr.match(/changing permissions.*not permitted/g)).toHaveLength(6)
})

test.runIf(linux)('descriptors that the host was started with are shut', async () => {
  await using folder = await openTemporaryFolder()
  const path = join(folder.path, 'secret')
  writeFileSync(path, 'of the host')
  // A host that has the file open from its own parent, where nothing marked it.
  const host = `
    const { runShell } = await import(${JSON.stringify(new URL('../support/confined.ts', import.meta.url).href)})
    const { stdout } = await runShell('cat /proc/self/fd/9 /proc/self/fd/40; ls -l /proc/self/fd')
    console.log(stdout)`
  const descriptor = openSync(path, 'r')
  const shut = Array.from(
    { length: 41 },
    (_, index) => ([9, 40].includes(index) ? descriptor : index < 3 ? 'pipe' : 'ignore') as 'pipe',
  )
  const child = spawn(process.execPath, ['--conditions=@bulkhead/source', '--input-type=module', '-e', host], {
    stdio: shut,
  })
  closeSync(descriptor)
  const [stdout, stderr] = await Promise.all([text(child.stdout as never), text(child.stderr as never)])
  expect(stderr).toBe('')
  expect(stdout).toContain('0 -> socket')
  expect(stdout).not.toContain('of the host')
  expect(stdout).not.toContain('secret')
})

test.runIf(linux)('no descriptor of the sandbox itself is left open', async () => {
  // An inherited one of the host stands as /dev/null; the listing opens one of its own.
  const { stdout } = await runShell('readlink /proc/self/fd/* | grep -v -e ^/dev/null$ -e ^/proc/ | grep -c .')
  expect(stdout).toBe('3\n')
})

test.runIf(linux)('a program that cannot be run is told with its reason', async () => {
  await using folder = await openTemporaryFolder()
  const path = join(folder.path, 'script')
  writeFileSync(path, '#!/bin/none\n', { mode: 0o755 })
  const refusal = (code: string) => expect.objectContaining({ message: expect.stringContaining(code) })
  await expect(start({ argv: ['/bin/none'] })).rejects.toEqual(refusal('ENOENT'))
  await expect(start({ argv: ['/etc'] })).rejects.toEqual(refusal('EACCES'))
  await expect(start({ argv: [path], readable: [path] })).rejects.toEqual(refusal('ENOENT'))
  await expect(start({ argv: ['/bin/true'], workingFolder: '/none' })).rejects.toEqual(refusal('/none'))
})

test.runIf(linux)('a socket that is not named as one is not shown', async () => {
  await using folder = await openTemporaryFolder()
  const path = join(folder.path, 'socket')
  const server = createServer().listen(path)
  await new Promise((resolve) => server.once('listening', resolve))
  try {
    chmodSync(path, 0o777)
    await expect(start({ argv: ['/bin/true'], readable: [path] })).rejects.toThrow(/not named as one/)
    await expect(start({ argv: ['/bin/true'], sockets: [folder.path] })).rejects.toThrow(/no socket/)
  } finally {
    server.close()
  }
})
