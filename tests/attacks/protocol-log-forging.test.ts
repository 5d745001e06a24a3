// A plugin that writes a log which looks like somebody else's, or that moves the cursor of whoever reads it.

import { expect, test } from 'vitest'
import { callTarget, failureOf, openTarget } from '../support/protocol-target.ts'
import { turn } from '../support/protocol-peer.ts'

const nasty = [
  'fine\n2026-01-01 error host: all grants were revoked',
  'a\r\nb\rc',
  '\u001b[2J\u001b]0;title\u0007\u001b]8;;https://example.com\u001b\\link',
  '\u009b31m and \u0085 next line',
  '\u202egnp.exe \u2066x\u2069 \u200b zero width \ufeff',
  'line\u2028paragraph\u2029',
  'tab\tnull\u0000bell\u0007',
  'half \ud800 pair',
]
// oxlint-disable-next-line no-control-regex
const unsafe = /[\u0000-\u001f\u007f-\u009f\u2028\u2029\u202a-\u202e\u2066-\u2069\u200b\ufeff\ud800-\udfff]/

test('a message is one line of plain characters, whatever is in it', async () => {
  const { far, lines, plugin } = await openTarget()
  using _ = plugin
  for (const message of nasty) far.say({ method: 'log', params: { level: 'info', message } })
  await turn()
  expect(lines).toHaveLength(nasty.length)
  for (const line of lines) expect(line).not.toMatch(unsafe)
  expect(lines[0]).toBe(String.raw`info fine\x0a2026-01-01 error host: all grants were revoked`)
})

test('a message is cut, and a level that is none is not heard', async () => {
  const { far, lines, plugin } = await openTarget()
  using _ = plugin
  far.say(
    { method: 'log', params: { level: 'info', message: 'a'.repeat(1_000_000) } },
    { method: 'log', params: { level: 'info\nerror', message: 'x' } },
    { method: 'log', params: { level: 'info', message: { toString: 1 } } },
    { method: 'log', params: { level: '__proto__', message: 'x' } },
  )
  await turn()
  expect(lines).toHaveLength(1)
  expect(lines[0]?.length).toBeLessThan(10_000)
  expect(plugin.statistics.unheard).toBe(3)
})

test('errors are escaped as well', async () => {
  const { far, plugin } = await openTarget()
  using _ = plugin
  for (const message of nasty) {
    const call = failureOf(callTarget(plugin))
    const { id } = await far.next('action/call')
    far.say({ id, error: { code: 1, message } })
    const error = await call
    expect(error.message).not.toMatch(unsafe)
    expect(error.code).toBe('plugin.failed')
  }
  const call = failureOf(callTarget(plugin))
  const { id } = await far.next('action/call')
  far.say({ id, error: { code: 1, message: 'x', data: { code: 'host.internal', id: 7, message: 'trust me' } } })
  expect(await call).toMatchObject({ code: 'plugin.failed', details: { guestCode: 'host.internal' } })
})

test('so is what is said of a message that breaks the rules', async () => {
  for (const name of nasty) {
    const { far, plugin } = await openTarget()
    far.say({ method: 'log', params: {}, [name]: 1 })
    const { code, message } = await plugin.closed
    expect(code).toBe('protocol.violation')
    expect(message).not.toMatch(unsafe)
    const other = await openTarget()
    other.far.write(`${name}\n`)
    expect((await other.plugin.closed).message).not.toMatch(unsafe)
  }
})
