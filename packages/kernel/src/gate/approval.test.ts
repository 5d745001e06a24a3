import { expect, test } from 'vitest'
import { agent, known, mail, principal } from '../../test/gate-world.ts'
import type { Principal } from '../principal.ts'
import type { ApprovalQuestion } from './approval.ts'
import type { GatePorts } from './make-gate.ts'

const risky = { highRisk: { from: 'dangerous', capabilities: ['exec.*', 'exec:git'] } } as const

test('high risk without anybody attached is denied; the rest is not asked about', async () => {
  const { layer } = known({ policy: risky })
  expect(await layer({ capability: 'storage', risk: 'dangerous' })).toBe('approval')
  expect(await layer({ capability: 'exec.run', risk: 'read-only' })).toBe('approval')
  expect(await layer({ capability: 'exec:GIT push', risk: 'read-only' })).toBe('approval')
  expect(await layer({ capability: 'storage', risk: 'risky' })).toBe('allowed')
})

test.each(['once', 'session', 'always'] as const)(
  'the answer %s allows, and holds for what it was given for',
  async (answer) => {
    const asked: ApprovalQuestion[] = []
    const { gate, layer, records, timers } = known({
      policy: risky,
      approve: async (question) => {
        asked.push(question)
        return answer
      },
    })
    const ask = { capability: 'storage', risk: 'dangerous' } as const
    expect(await layer(ask)).toBe('allowed')
    expect(await layer(ask)).toBe('allowed')
    expect(asked).toHaveLength(answer === 'once' ? 2 : 1)
    expect(records[0]?.event.details).toEqual({ approval: answer, inputHash: 'h1' })
    expect(records).toHaveLength(2)
    expect(timers).toEqual([])
    const before = asked.length
    const updated = principal('mail', 'd2')
    gate.register(updated, { asks: ['*'], denies: [] })
    gate.register(agent, { asks: ['*'], denies: [] })
    for (const other of [
      { ...ask, inputHash: 'h2' },
      { ...ask, capability: 'storage.global' },
      { ...ask, by: updated },
      { ...ask, chain: [agent] },
      { ...ask, context: { user: 'bob' } },
    ]) {
      await layer(other)
    }
    expect(asked.length - before).toBe(5)
  },
)

test('what was taken away while a person was asked is denied, whatever the answer', async () => {
  const ask = { capability: 'storage', risk: 'dangerous' } as const
  const grants = ['*']
  const revoked = known(
    {
      policy: risky,
      approve: async () => {
        grants.length = 0
        return 'once'
      },
    },
    grants,
  )
  expect(await revoked.layer(ask)).toBe('grant')
  expect(revoked.records[0]?.event).toMatchObject({ result: 'denied', details: { layer: 'grant', approval: 'once' } })
  const unloaded = known({
    policy: risky,
    approve: async () => {
      unloaded.gate.unregister(mail)
      return 'always'
    },
  })
  expect(await unloaded.layer(ask)).toBe('unregistered')
})

const refusing: readonly (readonly [string, () => unknown])[] = [
  ['a refusal', async () => 'deny'],
  ['a malformed answer', async () => ({ toString: () => 'once' })],
  ['true', async () => true],
  ['nothing', async () => undefined],
  [
    'a throw',
    () => {
      throw new Error('no terminal')
    },
  ],
  ['a rejection', () => Promise.reject(new Error('gone'))],
]

test.each(refusing)('%s denies', async (_name, approve) => {
  const { layer, timers } = known({ policy: risky, approve: approve as unknown as NonNullable<GatePorts['approve']> })
  expect(await layer({ capability: 'storage', risk: 'dangerous' })).toBe('approval')
  expect(timers).toEqual([])
})

test('silence for thirty seconds denies, and a late yes changes nothing', async () => {
  let answer: (value: 'always') => void = () => {}
  const { layer, timers } = known({
    policy: risky,
    approve: () =>
      new Promise((resolve) => {
        answer = resolve
      }),
  })
  const ask = { capability: 'storage', risk: 'dangerous' } as const
  const outcome = layer(ask)
  await Promise.resolve()
  expect(timers.map(({ ms }) => ms)).toEqual([30_000])
  timers[0]?.run()
  expect(await outcome).toBe('approval')
  answer('always')
  await Promise.resolve()
  const again = layer(ask)
  await Promise.resolve()
  timers[0]?.run()
  expect(await again).toBe('approval')
})

test('a call that ends withdraws its question', async () => {
  const controller = new AbortController()
  const { layer, timers } = known({ policy: risky, approve: () => new Promise(() => {}) })
  const outcome = layer({ capability: 'storage', risk: 'dangerous', context: { signal: controller.signal } })
  await Promise.resolve()
  controller.abort()
  expect(await outcome).toBe('approval')
  expect(timers).toEqual([])
})

test('a plugin cannot bury a person in questions', async () => {
  let asked = 0
  const { layer, timers } = known({
    policy: risky,
    approve: () => {
      asked++
      return new Promise(() => {})
    },
  })
  const outcomes = Array.from({ length: 20 }, (_, index) =>
    layer({ capability: 'storage', risk: 'dangerous', inputHash: `h${index}` }),
  )
  await new Promise((resolve) => setTimeout(resolve, 5))
  expect(asked).toBe(4)
  for (const { run } of [...timers]) run()
  expect(new Set(await Promise.all(outcomes))).toEqual(new Set(['approval']))
})

test('the prompt quotes plugin text on one line, capped, with nothing hidden in it', async () => {
  const nasty: Principal = {
    id: `file:/p\u202e#x"`,
    name: `mail"\n  answer: once\u200b\u001b[2J${'x'.repeat(5000)}`,
    digest: 'd1',
  }
  let prompt = ''
  const { gate, layer } = known({
    policy: risky,
    approve: async (question) => {
      prompt = question.prompt
      expect(question.plugin).not.toContain('\n')
      return 'deny'
    },
    grants: { grantsFor: () => ['*'] },
  })
  gate.register(nasty, { asks: ['*'], denies: [] })
  await layer({ capability: 'filesystem.write:a\u200b"b', risk: 'dangerous', by: nasty })
  expect(prompt.split('\n')).toHaveLength(5)
  expect(prompt).not.toMatch(/[\u200b\u202e\u001b]/)
  expect(prompt).toContain('\\"\\x0a  answer')
  expect(prompt.length).toBeLessThan(1500)
  expect(prompt).toContain('filesystem.write:/srv/a\\u{200b}\\"b')
})

test('what was approved for a permit is not asked again on the way, anything else is', async () => {
  let asked = 0
  const { decide, layer, records } = known({
    policy: risky,
    approve: async () => {
      asked++
      return asked === 1 ? 'once' : 'deny'
    },
  })
  const ask = { capability: 'storage', risk: 'dangerous' } as const
  const first = await decide(ask)
  expect(first).toMatchObject({ allow: true, recordId: 'r1' })
  expect(await layer({ ...ask, following: 'r1' })).toBe('allowed')
  expect(asked).toBe(1)
  expect(records[1]?.event.details).toMatchObject({ approval: 'permit' })
  expect(await layer({ ...ask, capability: 'storage.global', following: 'r1' })).toBe('approval')
  expect(await layer({ ...ask, following: '' })).toBe('approval')
  expect(await layer(ask)).toBe('approval')
  expect(asked).toBe(4)
})
