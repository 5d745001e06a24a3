import { expect, test } from 'vitest'
import { callPlugin, openPlugin, wat, watFile } from '../fixtures/harness.ts'
import { wasiNames } from './wasi/preview1.ts'

const bytes = await watFile('wasi')

test('a command reads its input on stdin and answers on stdout; exit 0 is success', async () => {
  await using open = await openPlugin({ bytes })
  const lines: string[] = []
  const output = await callPlugin(open, '_start', {
    input: 'some input that is longer than the buffer',
    log: (level, line) => void lines.push(`${level} ${line}`),
  })
  expect(output).toBe('some input that is longer than the buffer')
  expect(lines).toEqual(['warn one line', 'warn half a'])
})

test('environment and arguments are empty, there are no files, and wild pointers give errors', async () => {
  await using open = await openPlugin({ bytes })
  expect(await callPlugin(open, 'check')).toBe('')
})

test('stdout of an action is logged line by line', async () => {
  await using open = await openPlugin({ bytes })
  const lines: string[] = []
  await callPlugin(open, 'print', { log: (level, line) => void lines.push(`${level} ${line}`) })
  expect(lines).toContain('info one line')
})

test('a sleep suspends, and ends with its call', async () => {
  await using open = await openPlugin({ bytes })
  expect(await callPlugin(open, 'sleep_5ms')).toBe('')
  await expect(callPlugin(open, 'sleep_for_ever', { wallMs: 100 })).rejects.toMatchObject({ code: 'limit.time' })
  expect(await callPlugin(open, 'sleep_5ms')).toBe('')
})

test('an exit is typed, and the next call is answered', async () => {
  await using open = await openPlugin({ bytes })
  await expect(callPlugin(open, 'exit_3')).rejects.toMatchObject({ code: 'plugin.exit', details: { exitCode: 3 } })
  expect(await callPlugin(open, 'check')).toBe('')
})

test('every function of the interface can be imported', async () => {
  const imports = wasiNames.map((name) => `(import "wasi_snapshot_preview1" "${name}" (func (param i32) (result i32)))`)
  await using open = await openPlugin({ bytes: wat(`(module ${imports.join('\n')} (func (export "ok")))`) })
  expect(await callPlugin(open, 'ok')).toBe('')
  expect(wasiNames.length).toBe(46)
})
