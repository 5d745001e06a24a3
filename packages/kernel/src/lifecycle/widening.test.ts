import { expect, test } from 'vitest'
import { requireManifest } from '../manifest/parse-manifest.ts'
import { findWidening, type Stated } from './widening.ts'

const stated = (more: string, execution = '{ tier: script, entry: a.js }', manifestless = false): Stated => ({
  manifest: requireManifest({
    file: 'plugin.yaml',
    text: `manifest: 1\nname: one\nversion: 1.0.0\ntype: tool\nexecution: ${execution}\n${more}\n`,
  }),
  manifestless,
})

const plain = stated('')

test.each<[string, Stated, Stated, readonly string[]]>([
  ['nothing new', plain, plain, []],
  ['the same asks', stated('permissions: { storage: true }'), stated('capabilities: [storage]'), []],
  ['an ask', plain, stated('permissions: { storage: true }'), ['asks for storage']],
  ['an ask given up', stated('permissions: { storage: true }'), plain, []],
  [
    'a wider scope',
    stated("permissions: { network: ['https://a.example.com/v1/*'] }"),
    stated("permissions: { network: ['https://a.example.com/*'] }"),
    ['asks for network:https://a.example.com/*'],
  ],
  ['a denial given up', stated('deny_capabilities: [exec]'), plain, ['no longer renounces exec']],
  ['another tier', plain, stated('', '{ tier: wasm, entry: a.wasm }'), ['is of the tier wasm, not script']],
  [
    'a looser boundary',
    stated('', '{ tier: script, entry: a.js, boundary: jail }'),
    plain,
    ['no longer asks for the boundary jail'],
  ],
  ['a tighter boundary', plain, stated('', '{ tier: script, entry: a.js, boundary: jail }'), []],
  [
    'state that is kept',
    plain,
    stated('', '{ tier: script, entry: a.js, isolation: per-plugin }'),
    ['keeps state between calls'],
  ],
  [
    'more risk',
    stated('actions: { go: { risk: write } }'),
    stated('actions: { go: { risk: dangerous } }'),
    ['says dangerous of the risk of go, and said write'],
  ],
  [
    'a risk that is talked down',
    stated('actions: { go: { risk: dangerous } }'),
    stated('actions: { go: {} }'),
    ['says nothing of the risk of go, and said dangerous'],
  ],
  [
    'a new action of a new risk',
    stated('actions: { go: { risk: write } }'),
    stated('actions: { go: { risk: write }, more: { risk: risky } }'),
    ['has an action more of the risk risky'],
  ],
  [
    'a new action of a risk that it had',
    stated('actions: { go: { risk: risky } }'),
    stated('actions: { go: { risk: risky }, more: { risk: write } }'),
    [],
  ],
  ['a dependency', plain, stated('dependencies: { two: ^1.0.0 }'), ['depends on two ^1.0.0']],
  [
    'another range',
    stated('dependencies: { two: ^1.0.0 }'),
    stated("dependencies: { two: '>=1' }"),
    ['depends on two >=1'],
  ],
  ['a manifest where there was none', stated('', undefined, true), stated('permissions: { storage: true }'), []],
  ['no manifest any more', plain, stated('', undefined, true), ['no longer says what it asks for']],
])('%s', (_what, from, to, expected) => {
  expect(findWidening(from, to)).toEqual(expected)
})

test('a name from the language is no action that was there', () => {
  const next = { ...plain, manifest: { ...plain.manifest, actions: { constructor: { risk: 'dangerous' } } } } as Stated
  expect(findWidening(plain, next)).toEqual(['has an action constructor of the risk dangerous'])
})
