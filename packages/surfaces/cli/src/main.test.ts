import { expect, test } from 'vitest'
import { makeIo, makeLibrary, runWith } from './fakes.ts'
import { run } from './main.ts'

const commands = ['run', 'call', 'list', 'show', 'inspect', 'info', 'validate', 'trust', 'audit', 'doctor']

test.each(commands)('%s: a wrong option is one JSON document on stdout, and exit code 2', async (command) => {
  const result = await runWith([command, '--nonsense', '--json'])
  expect(result).toMatchObject({ exitCode: 2, err: '' })
  expect(result.json()).toMatchObject({
    ok: false,
    error: { code: 'usage.invalid', message: expect.stringContaining('--nonsense') as string },
  })
})

test.each(commands)('%s --help shows examples and exits with 0', async (command) => {
  const result = await runWith([command, '--help'])
  expect(result).toMatchObject({ exitCode: 0, err: '' })
  expect(result.out).toContain('Examples:\n  bulkhead ')
  expect(result.out).toContain('--json')
})

test.each([
  [['lst'], 'Did you mean list?'],
  [['help', 'lst'], 'Did you mean list?'],
  [['help', 'nothing'], 'Run the command with --help.'],
  [['list', '--jsn'], 'Did you mean --json?'],
  [['show'], 'Run the command with --help.'],
  [['run', 'a', 'b', 'c'], 'Give the input with --input'],
  [['run', 'a', '--timeout', 'soon'], 'Write a number and one of ms, s, m, h'],
  [['run', 'a', '--memory', '0B'], 'Write a size above zero'],
  [['run', 'a', '--fuel', '1.5'], 'Write a whole number above zero.'],
  [['run', 'a', '--fuel', '99999999999999999999'], 'Write a whole number above zero.'],
  [['run', 'a', '--limit', 'memroy=1MiB'], 'Write <name>=<value>: memory, cpu, wall'],
  [['run', 'a', '--limit', 'network'], 'Write <name>=<value>'],
  [['run', 'a', '--limit', 'rate=0'], 'Write a number above zero.'],
  [['run', 'a', '--limit', 'toString=1'], 'Write <name>=<value>'],
  [['run', 'a', '--feature', 'simd'], 'Choose from gc, threads, memory64.'],
  [['run', 'a', '--boundary', 'space'], 'Run the command with --help.'],
  [['audit', '--limit', '0'], 'Run the command with --help.'],
  [['audit', '--since', 'then'], 'Write 2026-01-31'],
  [['audit', '--denied', '--allowed'], 'Run the command with --help.'],
])('%j is a usage error that says what to do', async (argv, hint) => {
  const text = await runWith(argv)
  expect(text).toMatchObject({ exitCode: 2, out: '' })
  expect(text.err).toMatch(/^error: /)
  expect(text.err).toContain(hint)
  expect((await runWith([...argv, '--json'])).json()).toMatchObject({ ok: false, error: { code: 'usage.invalid' } })
})

test('--json may stand before the command', async () => {
  expect((await runWith(['--json', 'list'])).json()).toMatchObject({ ok: true })
})

test('no command: help and an error, exit code 2', async () => {
  const text = await runWith([])
  expect(text).toMatchObject({ exitCode: 2, out: '' })
  expect(text.err).toContain('Usage: bulkhead')
  expect((await runWith(['--json'])).json()).toMatchObject({ ok: false, error: { message: 'no command was given' } })
})

test('--version and help are documents too', async () => {
  expect((await runWith(['--version'])).out).toBe('9.9.9\n')
  expect((await runWith(['--version', '--json'])).json()).toEqual({ ok: true, text: '9.9.9\n' })
  expect((await runWith(['help', 'run'])).out).toContain('Usage: bulkhead run')
})

test('what the person typed is escaped in errors', async () => {
  const { err } = await runWith(['\u001b[2J'], { io: { tty: true } })
  expect(err).not.toContain('\u001b[2J')
})

test('a fault of ours is an error with a code, not a stack trace', async () => {
  const over = {
    runDoctor: () => {
      throw new TypeError('oops')
    },
  }
  const result = await runWith(['doctor', '--json'], { library: { over } })
  expect(result.exitCode).toBe(1)
  expect(result.json()).toMatchObject({ error: { code: 'host.internal', message: 'TypeError: oops' } })
})

test('SIGTERM while a command works exits with 143', async () => {
  const io = makeIo()
  const { library } = makeLibrary({
    over: {
      runDoctor: async () => {
        io.signal(15)
        return []
      },
    },
  })
  expect(await run(['doctor'], io.io, library)).toBe(143)
})

test('colour needs a terminal; FORCE_COLOR and NO_COLOR have the last word', async () => {
  const coloured = (text: string) => text.includes('\u001b[')
  const err = async (tty: boolean, env: Record<string, string>) =>
    coloured((await runWith(['nope'], { io: { tty, env } })).err)
  expect(await err(false, {})).toBe(false)
  expect(await err(true, {})).toBe(true)
  expect(await err(true, { NO_COLOR: '1' })).toBe(false)
  expect(await err(true, { TERM: 'dumb' })).toBe(false)
  expect(await err(false, { FORCE_COLOR: '1' })).toBe(true)
  expect(await err(true, { FORCE_COLOR: '0' })).toBe(false)
  expect(await err(true, { FORCE_COLOR: '1', NO_COLOR: '1' })).toBe(false)
})
