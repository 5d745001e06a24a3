import { expect, test } from 'vitest'
import { requireManifest } from '../manifest/parse-manifest.ts'
import { findWidening, type Stated } from './widening.ts'

const stated = async (
  more: string,
  execution = '{ tier: script, entry: a.js }',
  manifestless = false,
): Promise<Stated> => ({
  manifest: await requireManifest({
    file: 'plugin.yaml',
    text: `manifest: 1\nname: one\nversion: 1.0.0\ntype: tool\nexecution: ${execution}\n${more}\n`,
  }),
  manifestless,
})

const plain = await stated('')

test.each<[string, Stated, Stated, readonly string[]]>([
  ['nothing new', plain, plain, []],
  ['the same asks', await stated('permissions: { storage: true }'), await stated('capabilities: [storage]'), []],
  ['an ask', plain, await stated('permissions: { storage: true }'), ['asks for storage']],
  ['an ask given up', await stated('permissions: { storage: true }'), plain, []],
  [
    'a wider scope',
    await stated("permissions: { network: ['https://a.example.com/v1/*'] }"),
    await stated("permissions: { network: ['https://a.example.com/*'] }"),
    ['asks for network:https://a.example.com/*'],
  ],
  ['a denial given up', await stated('deny_capabilities: [exec]'), plain, ['no longer renounces exec']],
  ['another tier', plain, await stated('', '{ tier: wasm, entry: a.wasm }'), ['is of the tier wasm, not script']],
  [
    'a looser boundary',
    await stated('', '{ tier: script, entry: a.js, boundary: jail }'),
    plain,
    ['no longer asks for the boundary jail'],
  ],
  ['a tighter boundary', plain, await stated('', '{ tier: script, entry: a.js, boundary: jail }'), []],
  [
    'state that is kept',
    plain,
    await stated('', '{ tier: script, entry: a.js, isolation: per-plugin }'),
    ['keeps state between calls'],
  ],
  [
    'more risk',
    await stated('actions: { go: { risk: write } }'),
    await stated('actions: { go: { risk: dangerous } }'),
    ['says dangerous of the risk of go, and said write'],
  ],
  [
    'a risk that is talked down',
    await stated('actions: { go: { risk: dangerous } }'),
    await stated('actions: { go: {} }'),
    ['says nothing of the risk of go, and said dangerous'],
  ],
  [
    'a new action of a new risk',
    await stated('actions: { go: { risk: write } }'),
    await stated('actions: { go: { risk: write }, more: { risk: risky } }'),
    ['has an action more of the risk risky'],
  ],
  [
    'a new action of a risk that it had',
    await stated('actions: { go: { risk: risky } }'),
    await stated('actions: { go: { risk: risky }, more: { risk: write } }'),
    [],
  ],
  ['a dependency', plain, await stated('dependencies: { two: ^1.0.0 }'), ['depends on two ^1.0.0']],
  [
    'another range',
    await stated('dependencies: { two: ^1.0.0 }'),
    await stated("dependencies: { two: '>=1' }"),
    ['depends on two >=1'],
  ],
  [
    'a manifest where there was none',
    await stated('', undefined, true),
    await stated('permissions: { storage: true }'),
    [],
  ],
  ['no manifest any more', plain, await stated('', undefined, true), ['no longer says what it asks for']],
])('%s', async (_what, from, to, expected) => {
  expect(findWidening(from, to)).toEqual(expected)
})

test('a name from the language is no action that was there', async () => {
  const next = { ...plain, manifest: { ...plain.manifest, actions: { constructor: { risk: 'dangerous' } } } } as Stated
  expect(findWidening(plain, next)).toEqual(['has an action constructor of the risk dangerous'])
})
