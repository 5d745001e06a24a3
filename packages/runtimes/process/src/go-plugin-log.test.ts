// Lines of a go-plugin as the host's log has them.

import type { LogRecord } from '@bulkhead/go-plugin'
import { expect, test } from 'vitest'
import { makeGoPluginLog } from './go-plugin-log.ts'

const open = () => {
  const lines: string[] = []
  const own: string[] = []
  const log = makeGoPluginLog(
    { find: (handle) => (handle === 'h-1' ? { log: (level, text) => void own.push(`${level} ${text}`) } : undefined) },
    { log: (level, text) => void lines.push(`${level} ${text}`) },
  )
  const record = (over: Partial<LogRecord>): void =>
    log.record({ source: 'stderr', level: 'info', message: 'said', ...over })
  return { lines, own, log, record }
}

test('pairs follow the message, and none can pass for another', () => {
  const { lines, record } = open()
  record({ level: 'warn', fields: { plain: 'a', spaced: 'b c', forged: 'd=e', quoted: '"', empty: '', 'x y': 'z' } })
  record({ cut: true })
  expect(lines).toEqual([
    'warn said plain=a spaced="b c" forged="d=e" quoted="\\"" empty="" "x y"=z',
    'info said … (cut)',
  ])
})

test('a line that names a call under way is that call’s, without the handle', () => {
  const { lines, own, record } = open()
  record({ fields: { call: 'h-1', n: '1' } })
  record({ fields: { call: 'h-2', n: '2' } })
  expect(own).toEqual(['info said n=1'])
  expect(lines).toEqual(['info said call=h-2 n=2'])
})

test('what was dropped is told', () => {
  const { lines, log } = open()
  log.dropped('forwarded-stdout', 12)
  expect(lines).toEqual(['warn 12 lines of forwarded-stdout were left out: they came too fast'])
})
