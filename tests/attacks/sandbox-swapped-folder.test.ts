// Another program of the same user puts something else in the place of a granted folder, again and again, while programs are
// started in it: what was looked at is shown, or nothing starts.

import { type ChildProcess, spawn } from 'node:child_process'
import { mkdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { linux, runShell } from '../support/confined.ts'
import { openTemporaryFolder } from '../support/temporary-folder.ts'

/** Exchanges two names until it is ended, or for ten seconds. `kind`: what stands in for the folder. */
const swapper = (folder: string, script: string): AsyncDisposable & { readonly child: ChildProcess } => {
  const child = spawn(process.execPath, [
    '-e',
    `const fs = require('fs'); process.chdir(${JSON.stringify(folder)})
     console.log('here'); const end = Date.now() + 10000
     while (Date.now() < end) { try { ${script} } catch {} }`,
  ])
  return {
    child,
    [Symbol.asyncDispose]: async () => {
      const gone = new Promise((resolve) => child.once('exit', resolve))
      child.kill('SIGKILL')
      await gone
    },
  }
}

const starts = async (folder: string, part: Parameters<typeof runShell>[1], script: string) => {
  const seen = new Set<string>()
  for (let round = 0; round < 40; round++) {
    const came = await runShell(script, part).then(
      ({ stdout }) => stdout,
      (error: Error) =>
        /symbolic link|does not exist|was changed|could not be started/.test(error.message)
          ? 'not started'
          : String(error),
    )
    seen.add(came.trim())
  }
  return [...seen].sort()
}

test.runIf(linux)('a folder that is a link every other moment shows itself or nothing', async () => {
  await using folder = await openTemporaryFolder()
  for (const name of ['granted', 'secret']) {
    mkdirSync(join(folder.path, name))
    writeFileSync(join(folder.path, name, 'file'), name)
  }
  await using swaps = swapper(
    folder.path,
    `fs.renameSync('granted', 'kept'); fs.symlinkSync('secret', 'granted'); fs.unlinkSync('granted'); fs.renameSync('kept', 'granted')`,
  )
  await new Promise((resolve) => swaps.child.stdout?.once('data', resolve))
  const path = join(folder.path, 'granted')
  const seen = await starts(folder.path, { readable: [path] }, `cat ${path}/file`)
  expect(seen.filter((word) => word !== 'granted' && word !== 'not started')).toEqual([])
})
