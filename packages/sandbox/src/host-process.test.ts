import { spawnSync } from 'node:child_process'
import { expect, test } from 'vitest'
import { signalProcess } from './host-process.ts'

test('a process that ended before its signal came is no error', () => {
  const { pid } = spawnSync(process.execPath, ['-e', ''])
  expect(() => signalProcess(pid, 'SIGKILL')).not.toThrow()
})

test('a signal that may not be sent is one', () => {
  expect(() => signalProcess(process.pid, 'SIGNONE' as never)).toThrow(/SIGNONE/)
})
