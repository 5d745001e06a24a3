import { expect, test } from 'vitest'
import { agent, known, mail } from '../../test/gate-world.ts'
import type { CallContext } from '../call/context.ts'
import { defaultLimits } from '../limits.ts'

const context: CallContext = {
  callId: 'c1',
  principal: mail,
  chain: [],
  action: 'run',
  workspaceRoot: '/srv',
  deadlineMs: 1e9,
  limits: defaultLimits,
  signal: new AbortController().signal,
}
const read = (scope: string) => ({ name: 'filesystem.read', scope })

test('what would be refused is foreseen with its layer, and nothing is recorded', () => {
  const { gate, records } = known({}, ['filesystem.read:/srv'])
  gate.register(mail, { asks: ['filesystem.read:/srv', 'filesystem.read:/etc'], denies: ['filesystem.read:/srv/keys'] })
  const layer = (scope: string): string | undefined => gate.foresee(context, read(scope))?.layer
  expect([layer('/srv/x'), layer('/srv/keys/a'), layer('/srv/.bulkhead/x'), layer('/etc'), layer('/usr')]).toEqual([
    undefined,
    'deny-list',
    'protected',
    'grant',
    'not-asked',
  ])
  expect(layer('/srv/back\\slash')).toBe('invalid')
  expect(records).toEqual([])
})

test('it agrees with the decision, along the chain and for the user', async () => {
  const { gate, layer } = known({ policy: { users: { ada: { allow: ['filesystem.read:/srv/a'] } } } })
  gate.register(agent, { asks: ['filesystem.read:/srv/b'], denies: [] })
  const cases = [
    { user: 'ada', chain: [] },
    { user: 'bob', chain: [] },
    { user: 'ada', chain: [agent] },
  ]
  for (const each of cases) {
    for (const scope of ['/srv/a/x', '/srv/b/x']) {
      const foreseen = gate.foresee({ ...context, ...each }, read(scope))?.layer ?? 'allowed'
      expect(foreseen).toBe(await layer({ capability: `filesystem.read:${scope}`, chain: each.chain, context: each }))
    }
  }
})

test('of an unknown principal everything would be refused', () => {
  const { gate } = known()
  gate.unregister(mail)
  expect(gate.foresee(context, read('/srv/x'))?.layer).toBe('unregistered')
})

test('of what a call was allowed in part, a part would be allowed only if nobody has to be asked for it by name', async () => {
  const asked = known({ policy: { highRisk: { capabilities: ['notes.read:Diary/**'] } } }, ['notes.read'])
  asked.gate.register(mail, { asks: ['notes.read'], denies: ['notes.read:Keys'] })
  const sees = (scope: string): boolean | undefined => asked.gate.wouldAllow?.(context, { name: 'notes.read', scope })
  expect(await asked.layer({ capability: 'notes.read' })).toBe('allowed')
  expect([sees('A.md'), sees('Diary/x.md'), sees('Keys/x.md'), sees('../x')]).toEqual([true, false, false, false])
  expect(asked.records).toHaveLength(1)
  const risky = known({ policy: { highRisk: { from: 'read-only' } } }, ['notes.read'])
  // The risk of the call itself was asked about when it was made.
  expect(risky.gate.wouldAllow?.(context, { name: 'notes.read', scope: 'A.md' })).toBe(true)
})
