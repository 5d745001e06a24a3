import fc from 'fast-check'
import { expect, test } from 'vitest'
import { formatFault, type ManifestFormat, parseManifest, requireManifest } from './parse-manifest.ts'

const parse = (text: string, format: ManifestFormat = 'yaml') =>
  parseManifest({ file: `plugin.${format}`, text, format })
const places = async (text: string, format?: ManifestFormat) =>
  (await parse(text, format)).faults.map((fault) => `${fault.line} ${fault.field}`)
const head = 'name: a\nversion: 1.0.0\ntype: tool\n'

test('three faults in one manifest are told at once, each at its line with a mend', async () => {
  const text = `name: Weather!
version: 1.0
type: tol
execution:
  tier: script
  limits:
    memroy: 64MiB
    wall: soon
permissions:
  network:
    - url: api.example.com
      raeson: forecasts
    - 7
actions:
  forecast:
    timeout: 30
    risk: harmless
`
  expect((await parse(text)).faults.map(({ line, field, mend }) => [line, field, mend])).toEqual([
    [1, 'name', expect.stringContaining('a lower-case letter')],
    [2, 'version', 'Write three numbers, as in 1.2.0.'],
    [3, 'type', expect.stringMatching(/^Did you mean tool\?/)],
    [7, 'execution.limits.memroy', 'Did you mean memory?'],
    [8, 'execution.limits.wall', expect.stringContaining('30s')],
    [12, 'permissions.network[0].raeson', 'Did you mean reason?'],
    [13, 'permissions.network[1]', 'Write text or a table.'],
    [16, 'actions.forecast.timeout', 'Write a number and ms, s, m or h, as in 30s.'],
    [17, 'actions.forecast.risk', expect.stringContaining('read-only, write, risky, dangerous')],
  ])
})

test('the same faults have the same fields in TOML and JSON, at their own lines', async () => {
  const toml = 'name = "a"\nversion = "one"\n\n[execution]\ntier = "quantum"\n[execution.limits]\nmemory = "9 apples"\n'
  expect(await places(toml, 'toml')).toEqual(['1 type', '2 version', '5 execution.tier', '7 execution.limits.memory'])
  const json =
    '{\n "name": "a",\n "version": "one",\n "execution": {\n  "tier": "quantum",\n  "limits": {"memory": "9 apples"}}}'
  expect(await places(json, 'json')).toEqual(['1 type', '3 version', '5 execution.tier', '6 execution.limits.memory'])
})

test('TOML positions hold in arrays of tables, inline tables, dotted keys and after multi-line strings', async () => {
  const text = `name = "a"
version = "1.0.0"
type = "tool"
description = """
[not.a.table]
x = 1 """"
execution.entry = "x.wasm"
keywords = [ # a comment ]
  "one",
  2,
]
[actions."a b"]
risk = "none"
[[execution.modules]]
name = "m"
path = "m.wasm"
[[execution.modules]]
name = "n"
path = "../n.wasm"
[dependencies]
other = "latest-ish"
`
  expect(await places(text, 'toml')).toEqual([
    '10 keywords[1]',
    '12 actions["a b"]',
    '19 execution.modules[1].path',
    '21 dependencies.other',
  ])
})

test('an ask that the manifest itself denies is a fault, a narrower denial is not', async () => {
  const conflict = `${head}execution:\n  tier: process\ncapabilities: [exec.run]\ndeny_capabilities: ["exec.*"]\n`
  expect((await parse(conflict)).faults).toMatchObject([{ line: 6, field: 'capabilities[0]' }])
  const narrowed = `${head}capabilities: ["messages.*"]\ndeny_capabilities: [messages.send]\n`
  expect((await parse(narrowed)).faults).toEqual([])
})

test('broad and dangerous asks are warnings with their lines', async () => {
  const text = `${head}permissions:\n  network: ["*"]\n  exec: [bash]\n  filesystem:\n    write: [/]\n`
  const { manifest, warnings } = await parse(text)
  expect(manifest).toBeDefined()
  expect(warnings.map(({ line, field }) => `${line} ${field}`)).toEqual([
    '5 permissions.network[0]',
    '8 permissions.filesystem.write[0]',
    '6 permissions.exec[0]',
  ])
})

test('every kind of permission becomes an ask in the spelling of grants', async () => {
  const text = `${head}permissions:
  network:
    - GET https://api.example.com/v1/*
    - { url: "*.example.org", reason: maps, optional: true }
  filesystem: { read: [./data], write: [./out] }
  env: [GEMINI_*]
  storage: true
  exec: [git]
  notes: [read]
  events: true
`
  expect((await requireManifest({ file: 'plugin.yaml', text })).asks).toEqual([
    { capability: 'network:GET https://api.example.com/v1/*' },
    { capability: 'network:*.example.org', reason: 'maps', optional: true },
    { capability: 'filesystem.read:./data' },
    { capability: 'filesystem.write:./out' },
    { capability: 'env:GEMINI_*' },
    { capability: 'storage' },
    { capability: 'exec:git' },
    { capability: 'notes.read' },
    { capability: 'events.*' },
  ])
})

test('what is no capability is a fault at its line', async () => {
  expect(await places(`${head}capabilities:\n  - sessions.read\n  - "sessions..read"\n`)).toEqual(['6 capabilities[1]'])
})

test('tier and language follow from the entry', async () => {
  const execution = async (entry: string) => (await parse(`${head}execution: { entry: ${entry} }`)).manifest?.execution
  expect(await execution('main.ts')).toMatchObject({ tier: 'script', language: 'typescript' })
  expect(await execution('main.mjs')).toMatchObject({ tier: 'script', language: 'javascript' })
  expect(await execution('a.lua')).toMatchObject({ tier: 'script', language: 'lua' })
  expect(await execution('a.rune')).toMatchObject({ tier: 'script', language: 'rune' })
  expect(await execution('dist/a.wasm')).toMatchObject({ tier: 'wasm', entry: 'dist/a.wasm' })
  expect((await parse(head)).manifest?.execution.entry).toBeUndefined()
})

test('paths out of the plugin folder are refused', async () => {
  for (const path of ['../x.wasm', '/etc/passwd', 'a/../../x', 'C:/x.wasm', '~/x', '"a\\\\b"', '""']) {
    expect(await places(`${head}execution: { entry: ${path} }`)).toEqual(['4 execution.entry'])
  }
})

test('limits are read into milliseconds and bytes', async () => {
  const text = `${head}execution:\n  limits: { memory: 64MiB, wall: 500ms, hostCalls: 5, rate: 2.5 }\n`
  expect((await parse(text)).manifest?.execution.limits).toEqual({
    memoryBytes: 64 * 1024 * 1024,
    wallMs: 500,
    hostCalls: 5,
    ratePerSecond: 2.5,
  })
})

test('a schema that would be refused at a call is refused at parse', async () => {
  const text = `${head}actions:\n  a:\n    input:\n      type: object\n      properties:\n        x: { type: text }\n    output: { $ref: "https://example.com/s" }\n`
  expect(await places(text)).toEqual(['9 actions.a.input.properties.x', '10 actions.a.output'])
})

test('requireManifest throws all faults, each on a line of its message', async () => {
  const attempt = () => requireManifest({ file: 'plugin.yaml', text: 'name: a\ntype: tol\n' })
  await expect(attempt).rejects.toThrow(
    expect.objectContaining({
      code: 'manifest.invalid',
      message: expect.stringMatching(
        /^plugin\.yaml has 2 faults:\n {2}plugin\.yaml:1: version is missing.*\n {2}plugin\.yaml:2: type/,
      ),
      details: { faults: [expect.objectContaining({ line: 1 }), expect.objectContaining({ line: 2 })] },
    }),
  )
})

test('text of the plugin cannot forge lines or colours in a fault', async () => {
  const [fault] = (await parse(`${head}"evil\\u001b[31m\\nplugin.yaml:1: fine": 1\n`)).faults
  expect(fault === undefined ? '' : formatFault(fault)).toMatch(/^[ -~]*$/)
})

test('JSON, TOML and YAML of the same manifest are the same manifest', async () => {
  const json = `{"name":"a","version":"1.0.0","type":"tool","keywords":["x"],"actions":{"go":{"risk":"write"}}}`
  const toml = 'name="a"\nversion="1.0.0"\ntype="tool"\nkeywords=["x"]\n[actions.go]\nrisk="write"\n'
  const yaml = `${head}keywords: [x]\nactions: { go: { risk: write } }\n`
  expect(await parse(json, 'json')).toEqual(await parse(yaml))
  expect(await parse(toml, 'toml')).toEqual(await parse(yaml))
})

test('whatever the text, parsing never throws and gives a manifest or faults', async () => {
  const format = fc.constantFrom<ManifestFormat>('yaml', 'toml', 'json')
  const piece = fc.constantFrom(
    'name',
    ': ',
    ' = ',
    '\n',
    '  ',
    '- ',
    '[',
    ']',
    '{',
    '}',
    '"',
    "'",
    '#',
    ',',
    '&a',
    '*a',
    '!t',
    '|',
    '>',
    '?',
    '<<',
    '---',
    'x',
    '1',
    '"""',
    '\t',
    '__proto__',
    'é',
  )
  await fc.assert(
    fc.asyncProperty(fc.array(piece, { maxLength: 60 }), format, async (pieces, kind) => {
      const { manifest, faults } = await parse(pieces.join(''), kind)
      expect(manifest === undefined).toBe(faults.length > 0)
    }),
    { numRuns: 3000 },
  )
})
