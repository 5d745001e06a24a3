// What holds for every decision, whatever the grants: more callers never allow more, a denial always wins, an empty set
// allows nothing.

import fc from 'fast-check'
import { expect, test } from 'vitest'
import { parseCapability } from '../capability/parse.ts'
import { defaultLimits } from '../limits.ts'
import { makeGate } from './make-gate.ts'
import type { GatePolicy } from './policy.ts'

const capability = fc.constantFrom('a.read', 'a.write', 'b.read', 'env:KEY', 'filesystem.read:./x/y', 'storage')
const pattern = fc.constantFrom(
  '*',
  'a.*',
  'a.read',
  '*.read',
  'env:*',
  'filesystem.*',
  'filesystem.read:./x',
  'storage',
)
const patterns = fc.array(pattern, { maxLength: 4 })
const plugin = fc.record({
  asks: patterns,
  denies: fc.array(pattern, { maxLength: 1 }),
  grants: patterns,
})
type Plugin = { asks: string[]; denies: string[]; grants: string[] }

const allows = async (plugins: readonly Plugin[], asked: string, policy: GatePolicy = {}): Promise<boolean> => {
  const principals = plugins.map((_, index) => ({ id: `p${index}`, name: `p${index}`, digest: 'd' }))
  const gate = makeGate({
    audit: { append: async () => 'r' },
    grants: { grantsFor: ({ id }) => plugins[Number(id.slice(1))]?.grants ?? [] },
    policy,
    clock: { now: () => 0, monotonic: () => 0, after: () => ({ [Symbol.dispose]: () => {} }) },
  })
  for (const [index, { asks, denies }] of plugins.entries()) {
    const principal = principals[index]
    if (principal !== undefined) gate.register(principal, { asks, denies })
  }
  const [acting, ...chain] = principals
  if (acting === undefined) throw new Error('nobody acts')
  const decision = await gate.decide({
    context: {
      callId: 'c',
      principal: acting,
      chain,
      action: 'run',
      user: 'u',
      workspace: 'w',
      workspaceRoot: '/srv',
      deadlineMs: 1e9,
      limits: defaultLimits,
      signal: new AbortController().signal,
    },
    function: 'f',
    capabilities: [parseCapability(asked)],
    risk: 'write',
    inputHash: 'h',
  })
  return decision.allow
}

const chain = fc.array(plugin, { minLength: 1, maxLength: 4 })

test('one more caller never allows more; the whole chain allows what each link does', async () => {
  await fc.assert(
    fc.asyncProperty(chain, plugin, capability, async (links, more, asked) => {
      const before = await allows(links, asked)
      if (await allows([...links, more], asked)) expect(before).toBe(true)
      const each = await Promise.all(links.map((link) => allows([link], asked)))
      expect(before).toBe(each.every(Boolean))
    }),
  )
})

test('a denial wins over everything', async () => {
  await fc.assert(
    fc.asyncProperty(chain, capability, fc.nat(3), async (links, asked, at) => {
      const denying = links.map((link, index) =>
        index === at % links.length ? { ...link, asks: ['*'], grants: ['*'], denies: [...link.denies, asked] } : link,
      )
      expect(await allows(denying, asked)).toBe(false)
    }),
  )
})

test('policy only narrows, and an empty set allows nothing', async () => {
  await fc.assert(
    fc.asyncProperty(chain, patterns, patterns, capability, async (links, workspace, user, asked) => {
      const free = await allows(links, asked)
      const held = await allows(links, asked, {
        workspaces: { w: { allow: workspace } },
        users: { u: { allow: user } },
      })
      if (held) expect(free).toBe(true)
      for (const policy of [
        { workspaces: { w: { allow: [] } } },
        { users: { u: { allow: [] } } },
        { workspaces: { other: { allow: ['*'] } } },
      ]) {
        expect(await allows(links, asked, policy)).toBe(false)
      }
      expect(
        await allows(
          links.map((link) => ({ ...link, grants: [] })),
          asked,
        ),
      ).toBe(false)
    }),
  )
})
