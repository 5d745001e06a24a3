import { BulkheadError } from '@bulkhead/host/terms'
import { expect, test } from 'vitest'
import { makeStatus } from '../fake-status.ts'
import { type FakeLibraryOptions, makeIo, makeLibrary, runWith } from '../fakes.ts'
import { run } from '../main.ts'

test('a call prints its result alone, and --json adds the metrics', async () => {
  const text = await runWith(['run', 'text-tools', 'slugify', '--input', '{"text":"A"}'])
  expect(text).toMatchObject({ exitCode: 0, out: '{\n  "slug": "a"\n}\n', err: '', openHosts: 0 })
  expect(text.calls).toMatchObject([{ plugin: 'text-tools', action: 'slugify', input: { text: 'A' } }])
  expect(text.opened).toMatchObject([{ discover: true, home: '/home', workspaceRoot: '/work-folder' }])
  const json = await runWith(['call', 'text-tools', 'slugify', '--json'])
  expect(json.out).toBe(
    '{"ok":true,"output":{"slug":"a"},"metrics":{"loadMs":3,"callMs":1,"cpuMs":null,"hostCalls":0,"memoryBytes":null,"fuelUsed":null,"outputBytes":null,"networkBytes":null,"fileBytes":null,"storageBytes":null}}\n',
  )
})

test('a path is opened alone, without looking at what is installed', async () => {
  const { opened } = await runWith(['run', './x', 'slugify'])
  expect(opened).toHaveLength(1)
  expect(opened[0]).toMatchObject({ plugins: ['/work-folder/x'] })
  expect(opened[0]?.discover).toBeUndefined()
})

test('limits, time, user and workspace reach the host', async () => {
  const flags = ['--timeout', '5s', '--memory', '64MiB', '--boundary', 'inline', '--user', 'u', '--workspace', 'w']
  const { opened, calls } = await runWith(['run', 'text-tools', 'slugify', ...flags])
  expect(opened[0]?.policy).toEqual({
    boundary: 'inline',
    limits: { wallMs: 5000, memoryBytes: 64 * 1024 * 1024 },
  })
  expect(calls[0]?.options).toMatchObject({ timeoutMs: 5000, user: 'u', workspace: 'w' })
})

test('a folder of notes is named from the working folder', async () => {
  const { opened } = await runWith(['run', 'text-tools', 'slugify', '--notes', './vault'])
  expect(opened[0]?.notes).toEqual({ folder: '/work-folder/vault' })
})

test('every limit can be set by its name, and a shorthand has the last word', async () => {
  const flags = ['--limit', 'network=50MiB', '--limit', 'cpu=2s', '--limit', 'rate=2.5', '--limit', 'fuel=7']
  const { opened } = await runWith(['run', 'text-tools', 'slugify', ...flags, '--fuel', '1000'])
  expect(opened[0]?.policy).toEqual({
    limits: { networkBytes: 50 * 1024 * 1024, cpuMs: 2000, ratePerSecond: 2.5, fuel: 1000 },
  })
})

test('a part of WebAssembly is turned on by whoever runs the command', async () => {
  const { opened } = await runWith(['run', 'text-tools', 'slugify', '--feature', 'gc', '--feature', 'memory64'])
  expect(opened[0]?.policy).toEqual({ limits: {}, features: { gc: true, memory64: true } })
})

test('a grant goes to the plugin that was named', async () => {
  const { opened } = await runWith(['run', 'text-tools', 'slugify', '--grant', 'storage', '-g', 'env:X'])
  expect(opened.map((options) => options.policy?.grants)).toEqual([{ 'text-tools': ['storage', 'env:X'] }])
})

test.each([
  ['https://api.example.com/*', 'Write: network:https://api.example.com/*'],
  ['network', 'for example network:GET https://api.example.com/*'],
  ['filesystem.read', 'for example filesystem.read:./data'],
  ['filesystem:./data', 'Write filesystem.read:<path> or filesystem.write:<path>.'],
  ['fs.read:./data', 'Write filesystem.read:<path> or filesystem.write:<path>.'],
  ['notes', 'Write notes.read or notes.write.'],
])('the grant %s, which would grant nothing, is refused', async (grant, hint) => {
  const { opened, exitCode, err } = await runWith(['run', 'text-tools', 'slugify', '--grant', grant])
  expect({ opened, exitCode }).toEqual({ opened: [], exitCode: 2 })
  expect(err).toContain(hint)
})

test.each([
  ['network:GET https://api.example.com/*', false],
  ['network.private:10.0.0.0/8', true],
  ['notes.raed', true],
  ['*', false],
])('of the grant %s, for which nothing asks, a person hears: %s', async (grant, warned) => {
  const { exitCode, out, err } = await runWith(['run', 'text-tools', 'slugify', '--grant', grant])
  expect({ exitCode, out }).toEqual({ exitCode: 0, out: '{\n  "slug": "a"\n}\n' })
  expect(err).toBe(
    warned
      ? `warning text-tools does not ask for ${grant} in its manifest: this grant allows nothing (it asks for network:https://api.example.com/*)\n`
      : '',
  )
})

test('a plugin that asks for nothing may be one without a manifest, which asks for what it is granted', async () => {
  const plugins = [makeStatus({ manifest: { ...makeStatus().manifest, asks: [] } })]
  const { err } = await runWith(['run', 'text-tools', 'slugify', '--grant', 'storage'], { library: { plugins } })
  expect(err).toBe('')
})

test('with a grant the named plugin is given by its path, because a project’s inherits nothing by its bare name', async () => {
  const status = makeStatus({ origin: 'project', path: '/work-folder/.bulkhead/plugins/t' })
  const { opened } = await runWith(['run', 'text-tools', 'slugify', '-g', 'storage'], {
    library: { plugins: [status] },
  })
  expect(opened).toMatchObject([{ discover: true, plugins: [status.path] }])
})

test('the action may be left out when there is only one', async () => {
  const { calls } = await runWith(['run', 'text-tools', '-'], { io: { stdin: '{"text":"B"}' } })
  expect(calls).toMatchObject([{ action: 'slugify', input: { text: 'B' } }])
  const two = { library: { plugins: [makeStatus({ actions: { one: {}, two: {} } })] } }
  const many = await runWith(['run', 'text-tools'], two)
  expect(many.exitCode).toBe(2)
  expect(many.err).toContain('Its actions: one, two.')
})

test.each([
  ['--input', '-'],
  ['--input-file', '-'],
  ['-', ''],
])('%s %s reads stdin', async (flag, value) => {
  const args = ['run', 'text-tools', 'slugify', flag, value].filter((arg) => arg !== '')
  const { calls } = await runWith(args, { io: { stdin: '[1]' } })
  expect(calls[0]?.input).toEqual([1])
})

test('a file is read, and a file that is not there is named', async () => {
  const io = { files: { '/work-folder/in.json': { bytes: '{"a":1}' } } }
  expect((await runWith(['run', 'text-tools', 'slugify', '-f', 'in.json'], { io })).calls[0]?.input).toEqual({ a: 1 })
  const missing = await runWith(['run', 'text-tools', 'slugify', '-f', 'gone.json', '--json'])
  expect(missing.exitCode).toBe(2)
  expect(missing.json()).toMatchObject({
    ok: false,
    error: { code: 'usage.invalid', message: expect.stringContaining('/work-folder/gone.json') as string },
  })
})

test('input over the cap is refused without reading it whole', async () => {
  let read = 0
  async function* endless(): AsyncGenerator<Uint8Array> {
    for (;;) {
      read++
      yield new Uint8Array(8 * 1024 * 1024)
    }
  }
  const stdin = await runWith(['run', 'text-tools', 'slugify', '-', '--json'], { io: { stdin: endless() } })
  expect(stdin.json()).toMatchObject({ error: { code: 'input.too-large' } })
  expect(read).toBe(9)
  read = 0
  const io = { files: { '/work-folder/big': { size: 100_000_000, bytes: endless() } } }
  const file = await runWith(['run', 'text-tools', 'slugify', '-f', 'big'], { io })
  expect(file.exitCode).toBe(2)
  expect(read).toBe(0)
})

test.each([
  ['not JSON', '{', 'input.not-json'],
  ['nesting', '['.repeat(50_000), 'input.too-deep'],
  ['not UTF-8', new Uint8Array([0x22, 0xff, 0x22]), 'input.not-json'],
])('bad input is a typed error: %s', async (_name, stdin, code) => {
  const result = await runWith(['run', 'text-tools', 'slugify', '-', '--json'], { io: { stdin } })
  expect(result.exitCode).toBe(2)
  expect(result.json()).toMatchObject({ ok: false, error: { code } })
  expect(result.opened).toHaveLength(0)
})

test('an input that was meant as the name of a file is told how to be one', async () => {
  const result = await runWith(['run', 'text-tools', 'slugify', '-i', 'in/put.json'])
  expect(result.exitCode).toBe(2)
  expect(result.err).toContain('hint: If it is a file: --input-file in/put.json.\n')
  expect((await runWith(['run', 'text-tools', 'slugify', '-i', '{a.b'])).err).not.toContain('--input-file')
})

test('two inputs are refused', async () => {
  expect((await runWith(['run', 'text-tools', 'slugify', '-i', '1', '-'])).err).toContain('given twice')
})

test('--raw passes bytes through, and --json makes them base64', async () => {
  const bytes = new Uint8Array([0, 255, 27, 10])
  const options = { io: { stdin: bytes }, library: { answer: ({ input }: { input: unknown }) => input } }
  const raw = await runWith(['run', 'text-tools', 'slugify', '--raw', '-'], options)
  expect([...raw.outBytes]).toEqual([...bytes])
  const json = await runWith(['run', 'text-tools', 'slugify', '--raw', '-', '--json'], options)
  expect(json.json()).toMatchObject({ ok: true, output: 'AP8bCg==' })
})

test('a string is exact in a pipe and escaped on a terminal', async () => {
  const library = { answer: () => '\u001b]0;owned\u0007\u202etxt' }
  expect((await runWith(['run', 'text-tools', 'slugify'], { library })).out).toBe('\u001b]0;owned\u0007\u202etxt\n')
  const terminal = await runWith(['run', 'text-tools', 'slugify'], { library, io: { tty: true } })
  expect(terminal.out).toBe('\\x1b]0;owned\\x07\\u{202e}txt\n')
  const raw = await runWith(['run', 'text-tools', 'slugify', '--raw'], {
    library: { answer: () => new TextEncoder().encode('\u001b[2Jx') },
    io: { tty: true },
  })
  expect(raw.out).toBe('\\x1b[2Jx\n')
})

test('the log goes to stderr, escaped, from the level that was asked for', async () => {
  const library = {
    answer: (
      _call: unknown,
      options: {
        log?: { write(entry: { time: number; level: 'debug' | 'warn'; plugin: string; message: string }): void }
      },
    ) => {
      options.log?.write({ time: 0, level: 'debug', plugin: 'p', message: 'quiet' })
      options.log?.write({ time: 0, level: 'warn', plugin: 'p\u001b', message: 'a\nb\tc\u001b[31m' })
      return 1
    },
  }
  const result = await runWith(['run', 'text-tools', 'slugify', '--json'], { library })
  expect(result.err).toBe('warn  p\\x1b: a\\x0ab\tc\\x1b[31m\n')
  expect(result.json()).toMatchObject({ ok: true })
  expect((await runWith(['run', 'text-tools', 'slugify', '--log-level', 'debug'], { library })).err).toContain('quiet')
})

test.each([
  ['plugin.failed', 1],
  ['plugin.exit', 1],
  ['action.unknown', 2],
  ['artifact.invalid', 3],
  ['capability.denied', 4],
  ['limit.memory', 5],
  ['limit.time', 5],
  ['runtime.missing', 6],
] as const)('%s ends with exit code %i and one document', async (code, exitCode) => {
  const library = {
    answer: () => {
      throw new BulkheadError(code, 'it went wrong', exitCode > 3 ? { id: 'internal' } : {})
    },
  }
  const json = await runWith(['run', 'text-tools', 'slugify', '--json'], { library })
  expect(json).toMatchObject({ exitCode, err: '', openHosts: 0 })
  expect(json.json()).toEqual({
    ok: false,
    error: { code, message: 'it went wrong', hint: expect.any(String) as string },
  })
  const text = await runWith(['run', 'text-tools', 'slugify'], { library })
  expect(text).toMatchObject({ exitCode, out: '' })
  expect(text.err).toMatch(/^error: it went wrong\nhint: .+\n$/)
})

test('wrong input of the plugin to a host function is the plugin’s failure, not the caller’s usage', async () => {
  const answer = () => {
    throw new BulkheadError('input.invalid', 'fs.read_text: path: expected string', { id: 'e1' })
  }
  expect((await runWith(['run', 'text-tools', 'slugify'], { library: { answer } })).exitCode).toBe(1)
})

test('a note that is not there: whoever named no folder of notes is told of the option', async () => {
  const answer = () => {
    throw new BulkheadError('notes.not-found', 'notes.read A.md: there is no such note', { id: 'e1' })
  }
  const plain = await runWith(['run', 'text-tools', 'slugify'], { library: { answer } })
  expect(plain.exitCode).toBe(1)
  expect(plain.err).toContain('--notes <folder> names others')
  const named = await runWith(['run', 'text-tools', 'slugify', '--notes', './v'], { library: { answer } })
  expect(named.err).not.toContain('--notes')
})

test('an unknown plugin gets the nearest names', async () => {
  const result = await runWith(['run', 'text-tool', 'slugify'])
  expect(result).toMatchObject({ exitCode: 2, openHosts: 0 })
  expect(result.err).toContain('Did you mean text-tools?')
})

test('an unknown plugin that is a file here, was skipped, or may be in an untrusted folder: the error says so', async () => {
  const io = { files: { '/work-folder/x.ts': { size: 1, bytes: '' } } }
  expect((await runWith(['run', 'x.ts', 'go'], { io })).err).toContain('./x.ts')
  const broken = { path: '/home/plugins/broken', error: { code: 'manifest.invalid', message: '3 faults' } } as const
  const faulty = await runWith(['run', 'broken', 'go'], { library: { skipped: [broken] } })
  expect(faulty).toMatchObject({ exitCode: 3 })
  expect(faulty.err).toContain('3 faults')
  const untrusted = {
    path: '/p',
    error: { code: 'trust.required', message: '/p is not trusted', hint: 'Run: bulkhead trust /p' },
  } as const
  const hidden = await runWith(['run', 'hidden', 'go'], { library: { skipped: [untrusted] } })
  expect(hidden).toMatchObject({ exitCode: 2 })
  expect(hidden.err).toContain('bulkhead trust /p')
})

test('an interrupt cancels the call and exits with 130', async () => {
  const io = makeIo()
  const { library, openHosts } = makeLibrary({
    answer: ({ options }) =>
      new Promise((_resolve, reject) => {
        options.signal?.addEventListener('abort', () => reject(options.signal?.reason as Error))
        io.signal(2)
      }),
  })
  expect(await run(['run', 'text-tools', 'slugify', '--json'], io.io, library)).toBe(130)
  expect(JSON.parse(io.stdout.text)).toMatchObject({ ok: false, error: { code: 'call.cancelled' } })
  expect(openHosts()).toBe(0)
})

const asking: FakeLibraryOptions = {
  answer: async (_call, { approve }) => {
    const principal = { id: 'p', name: 'p', digest: '' }
    const question = {
      prompt: 'may \u001bp read?',
      plugin: 'p',
      principal,
      chain: [],
      callId: 'c',
      function: 'f',
      capabilities: ['x'],
    }
    const ask = () =>
      approve?.({ ...question, risk: 'write', inputHash: '', timeoutMs: 30_000, signal: new AbortController().signal })
    return approve === undefined ? 'nobody' : Promise.all([ask(), ask()])
  },
}

test('a person at a terminal is asked, one question at a time; a pipe never is', async () => {
  const terminal = await runWith(['run', 'text-tools', 'slugify'], {
    library: asking,
    io: { tty: true, answers: ['what', 's', 'A'] },
  })
  expect(terminal.out).toBe('["session", "always"]\n')
  expect(terminal.questions).toHaveLength(3)
  expect(terminal.err).toContain('may \\x1bp read?')
  expect((await runWith(['run', 'text-tools', 'slugify'], { library: asking })).out).toBe('nobody\n')
})

test('an end of input or three odd answers deny', async () => {
  const io = { tty: true, answers: [undefined, '1', '__proto__', 'constructor', 'always'] }
  expect((await runWith(['run', 'text-tools', 'slugify'], { library: asking, io })).out).toBe('["deny", "deny"]\n')
})
