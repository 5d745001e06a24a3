import { expect, test } from 'vitest'
import { agent, known, mail, principal, world } from '../../test/gate-world.ts'
import { defaultNoteCapabilities } from '../capability/defaults.ts'
import { defaultLimits } from '../limits.ts'

test('the decision carries canonical capabilities, and the record tells who, what and why', async () => {
  const { decide, records } = known()
  const decision = await decide({
    capability: 'filesystem.write:out/../out/a.txt',
    context: { user: 'ada', workspace: 'w' },
  })
  expect(decision).toEqual({
    allow: true,
    recordId: 'r1',
    capabilities: [{ name: 'filesystem.write', scope: '/srv/out/a.txt' }],
  })
  expect(records).toEqual([
    {
      urgency: 'flush',
      event: {
        type: 'capability_check',
        result: 'allowed',
        principal: mail.id,
        plugin: 'mail',
        callId: 'c1',
        action: 'run',
        user: 'ada',
        workspace: 'w',
        function: 'test.call',
        capabilities: ['filesystem.write:/srv/out/a.txt'],
        risk: 'write',
      },
    },
  ])
})

test.each(['/a', '/a/..%2fb', '/%00', '/a b'])(
  'a secret in the query of %s is in no record and no message',
  async (path) => {
    const { decide, records } = known({}, ['network:https://example.com/*'])
    for (const host of ['example.com', 'other.example']) {
      const decision = await decide({ capability: `network:GET https://${host}${path}?key=TOPSECRET#TOPSECRET` })
      expect(JSON.stringify([decision, records])).not.toContain('TOPSECRET')
    }
  },
)

test('reads that are allowed may be recorded lazily, nothing else', async () => {
  const { layer, records } = known({}, ['env:A'])
  expect(await layer({ capability: 'env:A', risk: 'read-only' })).toBe('allowed')
  expect(await layer({ capability: 'env:B', risk: 'read-only' })).toBe('grant')
  expect(await layer({ capability: 'env:A', risk: 'dangerous' })).toBe('allowed')
  expect(records.map(({ urgency }) => urgency)).toEqual(['lazy', 'flush', 'flush'])
})

test('the record is there before the decision is', async () => {
  let written = false
  const { layer } = known({
    audit: {
      append: async () => {
        await new Promise((resolve) => setTimeout(resolve, 5))
        written = true
        return 'r'
      },
    },
  })
  await layer({ capability: 'storage' })
  expect(written).toBe(true)
})

test('what cannot be recorded is refused, unless the policy says otherwise; a denial stays one', async () => {
  const audit = { append: () => Promise.reject(new Error('disk full')) }
  expect(await known({ audit }).layer({ capability: 'storage' })).toBe('audit')
  expect(await known({ audit, failClosed: true }).layer({ capability: 'storage' })).toBe('audit')
  expect(await known({ audit, failClosed: false }).layer({ capability: 'storage' })).toBe('allowed')
  expect(await known({ audit }, []).layer({ capability: 'storage' })).toBe('grant')
})

test('a principal is known at its digest only, until it is unregistered', async () => {
  const { gate, layer } = known()
  expect(await layer({ capability: 'storage', by: principal('mail', 'd2') })).toBe('unregistered')
  expect(await layer({ capability: 'storage', by: { ...mail, id: 'file:/elsewhere#mail' } })).toBe('unregistered')
  gate.unregister(mail)
  expect(await layer({ capability: 'storage' })).toBe('unregistered')
})

test('a plugin without a manifest asks exactly what it is granted', async () => {
  const { gate, layer } = world({}, { mail: ['env:A'] })
  gate.register(mail, { asks: [], denies: [], manifestless: true })
  expect(await layer({ capability: 'env:A' })).toBe('allowed')
  expect(await layer({ capability: 'env:B' })).toBe('grant')
})

test('grants that change are noticed at once, also when the list itself is changed', async () => {
  const list = ['env:A']
  const { layer } = known({ grants: { grantsFor: () => list } })
  expect(await layer({ capability: 'env:A' })).toBe('allowed')
  list[0] = 'env:B'
  expect(await layer({ capability: 'env:A' })).toBe('grant')
  expect(await layer({ capability: 'env:B' })).toBe('allowed')
})

test('a grant that is no pattern allows nothing and harms no other; an ask or a denial is refused at once', async () => {
  const { gate, layer } = known({}, ['env:', 'mess*', 'env:A'])
  expect(await layer({ capability: 'env:A' })).toBe('allowed')
  expect(await layer({ capability: 'env:B' })).toBe('grant')
  for (const registration of [
    { asks: ['mess*'], denies: [] },
    { asks: [], denies: ['env:'] },
  ]) {
    expect(() => gate.register(agent, registration)).toThrow(expect.objectContaining({ code: 'capability.invalid' }))
  }
})

test('a pattern that cannot be resolved here grants nothing, denies every scope, and is high risk', async () => {
  const grants = ['filesystem.read:~/notes', 'filesystem.read:/']
  const { gate, layer } = world({}, { mail: grants, agent: ['filesystem.read:~/notes'] })
  gate.register(mail, { asks: ['*'], denies: ['filesystem.read:~/.ssh'] })
  gate.register(agent, { asks: ['*'], denies: [] })
  expect(await layer({ capability: 'filesystem.read:/home/ada/.ssh/id' })).toBe('deny-list')
  expect(await layer({ capability: 'filesystem.read:/tmp/x' })).toBe('deny-list')
  expect(await layer({ capability: 'filesystem.read:/notes/x', by: agent })).toBe('grant')
  gate.setPolicy({ home: '/home/ada' })
  expect(await layer({ capability: 'filesystem.read:/home/ada/.ssh/id' })).toBe('deny-list')
  expect(await layer({ capability: 'filesystem.read:/tmp/x' })).toBe('allowed')
  expect(await layer({ capability: 'filesystem.read:/home/ada/notes/x', by: agent })).toBe('allowed')
  const odd = { workspaceRoot: '/srv/*' }
  expect(await layer({ capability: 'filesystem.read:x', context: odd })).toBe('invalid')
  expect(await layer({ capability: 'filesystem.read:/srv/x', context: odd, by: agent })).toBe('grant')
  const { gate: other, layer: ask } = known({}, ['filesystem.read:/'])
  other.setPolicy({ highRisk: { capabilities: ['filesystem.read:~/notes'] } })
  expect(await ask({ capability: 'filesystem.read:/tmp/x' })).toBe('approval')
})

test('a grant source that throws denies', async () => {
  const { layer, records } = known({
    grants: {
      grantsFor: () => {
        throw new Error('no file')
      },
    },
  })
  expect(await layer({ capability: 'storage' })).toBe('grant')
  expect(records).toMatchObject([{ event: { result: 'denied' } }])
})

test('what is no capability is denied and recorded', async () => {
  const { gate, records } = known()
  const request = {
    context: {
      callId: 'c',
      principal: mail,
      chain: [],
      action: 'a',
      workspaceRoot: '/w',
      deadlineMs: 1,
      limits: defaultLimits,
      signal: new AbortController().signal,
    },
    function: 'f',
    risk: 'read-only' as const,
    inputHash: 'h',
  }
  for (const capability of [
    { name: '' },
    { name: 'filesystem.read', scope: 'a\u0000' },
    { name: 'network', scope: 'GET https://a@b/' },
    { name: 'exec.*' },
  ]) {
    const decision = await gate.decide({ ...request, capabilities: [capability] })
    expect(decision).toMatchObject({ allow: false, why: { layer: 'invalid' } })
  }
  expect(records).toHaveLength(4)
})

test('one refused capability refuses the call', async () => {
  const { gate } = known({}, ['env:A'])
  const decision = await gate.decide({
    context: {
      callId: 'c',
      principal: mail,
      chain: [],
      action: 'a',
      workspaceRoot: '/w',
      deadlineMs: 1,
      limits: defaultLimits,
      signal: new AbortController().signal,
    },
    function: 'f',
    risk: 'read-only',
    inputHash: 'h',
    capabilities: [
      { name: 'env', scope: 'A' },
      { name: 'env', scope: 'B' },
    ],
  })
  expect(decision).toMatchObject({ allow: false, why: { layer: 'grant', capability: 'env:B' } })
})

test('a caller in the chain that lacks the capability, or is unknown, refuses it', async () => {
  const { gate, layer } = world({}, { mail: ['env:A', 'env:B'], agent: ['env:A'] })
  gate.register(mail, { asks: ['env:*'], denies: [] })
  expect(await layer({ capability: 'env:A', chain: [agent] })).toBe('unregistered')
  gate.register(agent, { asks: ['env:A'], denies: [] })
  expect(await layer({ capability: 'env:A', chain: [agent] })).toBe('allowed')
  expect(await layer({ capability: 'env:B', chain: [agent] })).toBe('not-asked')
  gate.register(agent, { asks: ['env:*'], denies: [] })
  expect(await layer({ capability: 'env:B', chain: [agent] })).toBe('grant')
  gate.register(agent, { asks: ['env:*'], denies: ['env:A'] })
  expect(await layer({ capability: 'env:A', chain: [agent] })).toBe('deny-list')
})

test('workspaces and users: none configured means all, any configured means only those', async () => {
  expect(await known({ policy: { workspaces: {}, users: {} } }).layer({ capability: 'storage' })).toBe('allowed')
  const { layer } = known({ policy: { workspaces: { w: { allow: ['storage'] } } } })
  expect(await layer({ capability: 'storage', context: { workspace: 'w' } })).toBe('allowed')
  expect(await layer({ capability: 'env:A', context: { workspace: 'w' } })).toBe('workspace')
  for (const context of [{}, { workspace: 'other' }, { workspace: 'constructor' }, { workspace: '__proto__' }]) {
    expect(await layer({ capability: 'storage', context })).toBe('workspace')
  }
  const users = known({ policy: { users: { ada: { allow: ['*'] }, bob: { allow: [] } } } })
  expect(await users.layer({ capability: 'storage', context: { user: 'ada' } })).toBe('allowed')
  expect(await users.layer({ capability: 'storage', context: { user: 'bob' } })).toBe('user')
  expect(await users.layer({ capability: 'storage' })).toBe('user')
})

test('a new policy holds from the next decision on', async () => {
  const { gate, layer } = known()
  expect(await layer({ capability: 'storage' })).toBe('allowed')
  gate.setPolicy({ users: { ada: { allow: [] } } })
  expect(await layer({ capability: 'storage', context: { user: 'ada' } })).toBe('user')
  expect(() => gate.setPolicy({ users: { ada: { allow: ['mess*'] } } })).toThrow(
    expect.objectContaining({ code: 'capability.invalid' }),
  )
})

test('default grants count for who asks, and for reading notes only', async () => {
  const { gate, layer } = world({ policy: { defaultGrants: defaultNoteCapabilities } })
  gate.register(mail, { asks: ['notes.*'], denies: [] })
  gate.register(agent, { asks: [], denies: [] })
  expect(await layer({ capability: 'notes.read', risk: 'read-only' })).toBe('allowed')
  expect(await layer({ capability: 'notes.write' })).toBe('grant')
  expect(await layer({ capability: 'notes.read', by: agent })).toBe('not-asked')
})

test('what is not public must be granted by name', async () => {
  const url = 'network:GET http://127.0.0.1:8080/'
  const asks = ['*']
  for (const [grants, expected] of [
    [['*'], 'grant'],
    [['network.*'], 'grant'],
    [['network:*'], 'grant'],
    [['network:http://127.0.0.1:8080/'], 'allowed'],
  ] as const) {
    const { gate, layer } = world({}, { mail: grants })
    gate.register(mail, { asks, denies: [] })
    expect(await layer({ capability: url })).toBe(expected)
  }
  expect(await known({}, ['*']).layer({ capability: 'network.private:10.0.0.1' })).toBe('grant')
  expect(await known({}, ['network.private:10.0.0.0/8']).layer({ capability: 'network.private:10.0.0.1' })).toBe(
    'allowed',
  )
})

test('needing nothing decides nothing, but the plugin must be known', async () => {
  const { gate, records } = known()
  const request = {
    context: {
      callId: 'c',
      principal: mail,
      chain: [],
      action: 'a',
      workspaceRoot: '/w',
      deadlineMs: 1,
      limits: defaultLimits,
      signal: new AbortController().signal,
    },
    function: 'f',
    risk: 'read-only' as const,
    inputHash: 'h',
    capabilities: [],
  }
  expect(await gate.decide(request)).toEqual({ allow: true, recordId: '', capabilities: [] })
  expect(records).toEqual([])
  gate.unregister(mail)
  expect(await gate.decide(request)).toMatchObject({ allow: false, why: { layer: 'unregistered' } })
})
