// A confined program takes all it can: processes, memory, processor time, space in its private folders, descriptors, the
// size of a file. It dies alone or is refused more, and the handle says which. Every attempt is bounded by itself.

import { statSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { nodeScript, runShell, runToEnd, start, linux } from '../support/confined.ts'
import { openTemporaryFolder } from '../support/temporary-folder.ts'

const mebibyte = 1 << 20
/** Whether the program is the kernel's root, to whom only control groups refuse a process. */
const superuser = process.getuid?.() === 0

/** Starts up to 150 processes that sleep, writes how many there were, and ends them all with itself. */
const forks = `i=0; while [ $i -lt 150 ]; do sleep 3 & i=$((i+1)); echo $i; done; exit 0`

test.runIf(linux)('a flood of processes ends at the limit', async () => {
  const { stdout, stderr } = await runShell(forks, { limits: { processes: 20 } })
  expect(Number(stdout.trim().split('\n').at(-1))).toBeLessThan(20)
  expect(stderr).toMatch(/fork/i)
})

test.runIf(linux)('the limit on processes counts one sandbox and not its neighbour', async () => {
  await using neighbour = await start({
    argv: ['/bin/sh', '-c', 'for i in 1 2 3 4 5 6 7 8; do sleep 5 & done; echo; wait'],
  })
  await new Promise((resolve) => neighbour.stdout.once('data', resolve))
  const { stderr, stdout } = await runShell('sleep 0.1 & sleep 0.1 & wait; echo done', { limits: { processes: 4 } })
  expect({ stderr, stdout }).toEqual({ stderr: '', stdout: 'done\n' })
})

/** Touches up to 700 MiB. */
const hoard = `const all = []; for (let i = 0; i < 700; i++) { all.push(Buffer.alloc(1 << 20, 1)); } console.log('held')`

test.runIf(linux).each([{ groups: true }, { groups: false }])(
  'a process that takes memory dies alone ($groups)',
  async (options) => {
    const outcome = await runToEnd(nodeScript(hoard, { limits: { memoryBytes: 192 * mebibyte } }), options)
    expect(outcome.stdout).toBe('')
    expect(outcome.code).not.toBe(0)
    expect(outcome.reason === 'memory').toBe(outcome.applied.memory.by === 'group')
    const calm = await runToEnd(nodeScript(`console.log('fine')`, { limits: { memoryBytes: 192 * mebibyte } }), options)
    expect(calm.stdout).toBe('fine\n')
  },
)

test.runIf(linux)('files in the private folders are memory, and end at the size that was given', async () => {
  const script = `
    for place in /tmp /dev/shm; do dd if=/dev/zero of=$place/fill bs=64k count=512 2>/dev/null; stat -c %s $place/fill; done
    for place in / /dev /proc /usr /dev/pts; do dd if=/dev/zero of=$place/fill bs=64k count=512 2>/dev/null && echo filled $place; done
    echo end`
  const { stdout } = await runShell(script, { tmpBytes: 4 * mebibyte })
  expect(stdout.trim().split('\n')).toEqual([String(4 * mebibyte), String(4 * mebibyte), 'end'])
})

test.runIf(linux)('a file grows to the limit and no further', async () => {
  await using folder = await openTemporaryFolder()
  const { reason } = await runToEnd({
    argv: ['/bin/dd', 'if=/dev/zero', `of=${folder.path}/file`, 'bs=64k', 'count=512'],
    writable: [folder.path],
    limits: { fileSizeBytes: 2 * mebibyte },
  })
  expect(reason).toBe('file-size')
  expect(statSync(join(folder.path, 'file')).size).toBe(2 * mebibyte)
})

test.runIf(linux)('a flood of descriptors ends at the limit', async () => {
  const script = `const fs = require('fs'); let count = 0
    try { for (; count < 5000; count++) fs.openSync('/dev/null') } catch (error) { console.log(error.code, count < 128) }
    require('child_process').execFileSync('/bin/sh', ['-c', 'ulimit -n 100000 2>/dev/null || echo kept'], { stdio: 'inherit' })`
  const { stdout } = await runToEnd(nodeScript(script, { limits: { openFiles: 128 } }))
  expect(stdout).toContain('EMFILE true')
  // The limit cannot be raised again from inside; the script itself has no descriptor left to try with.
  const { stdout: raised } = await runShell('ulimit -n 100000 2>/dev/null && echo raised; ulimit -n', {
    limits: { openFiles: 128 },
  })
  expect(raised).toBe('128\n')
})

test.runIf(linux).each([{ groups: true }, { groups: false }])(
  'a process that computes on and on is ended ($groups)',
  async (options) => {
    const outcome = await runShell('trap "" XCPU; while :; do :; done', { limits: { cpuSeconds: 1 } }, options)
    expect(outcome.code).toBe(137)
    const plain = await runShell('while :; do :; done', { limits: { cpuSeconds: 1 } }, options)
    expect(plain.reason).toBe('cpu')
  },
)

test.runIf(linux).each([{ groups: true }, { groups: false }])(
  'a tree of short-lived processes does not outrun the limit ($groups)',
  async (options) => {
    const one = 'i=0; while [ $i -lt 20000 ]; do i=$((i+1)); done'
    const { reason } = await runShell(
      `n=0; while [ $n -lt 300 ]; do (${one}); n=$((n+1)); done`,
      { limits: { cpuSeconds: 1 } },
      options,
    )
    expect(reason).toBe('cpu')
  },
)

test.runIf(linux)('what is said to be applied was read back', async () => {
  const limits = {
    memoryBytes: 128 * mebibyte,
    cpuSeconds: 7,
    processes: 33,
    openFiles: 99,
    fileSizeBytes: 5 * mebibyte,
  }
  for (const groups of [true, false]) {
    await using confined = await start({ argv: ['/bin/sleep', '5'], limits, tmpBytes: 3 * mebibyte }, { groups })
    const { memory, cpuSeconds, processes, openFiles, fileSize, tmp } = confined.applied
    expect(tmp).toEqual({ by: 'mount', value: 3 * mebibyte })
    expect(openFiles).toEqual({ by: 'process', value: 99 })
    expect(fileSize).toEqual({ by: 'process', value: 5 * mebibyte })
    if (memory.by === 'group') expect(memory.value).toBe(128 * mebibyte)
    else expect(memory.value).toBe((128 + 768) * mebibyte)
    expect(cpuSeconds.value).toBe(7)
    if (!groups) {
      expect([memory.by, cpuSeconds.by]).toEqual(['process', 'watch'])
      expect(processes).toEqual(superuser ? { by: 'none' } : { by: 'process', value: 33 })
    } else expect(processes.value).toBe(processes.by === 'none' ? undefined : 33)
  }
})
