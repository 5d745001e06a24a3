import { defaultLimits, type Limits, type Manifest } from '@bulkhead/kernel'
import { expect, test } from 'vitest'
import type { Policy } from './api.ts'
import { checkPolicy, effectiveFeatures, effectiveLimits, type PolicySubject } from './policy.ts'

const asking = (limits: Partial<Limits>): Manifest => ({ name: 'tool', execution: { limits } }) as unknown as Manifest
const subject = (over: Partial<PolicySubject> = {}): PolicySubject => ({
  name: 'tool',
  principal: 'file:/x#tool',
  origin: 'given',
  ...over,
})

test('what stands for one plugin replaces what stands for all, and the manifest only tightens', () => {
  const policy: Policy = {
    limits: { cpuMs: 1000, fuel: 500, networkBytes: 10 },
    plugins: { tool: { limits: { cpuMs: 5000 } }, 'file:/x#tool': { limits: { networkBytes: 99 } } },
  }
  expect(effectiveLimits(asking({}), policy, subject())).toMatchObject({ cpuMs: 5000, fuel: 500, networkBytes: 99 })
  expect(effectiveLimits(asking({ cpuMs: 3000 }), policy, subject()).cpuMs).toBe(3000)
  expect(effectiveLimits(asking({ cpuMs: 9000 }), policy, subject()).cpuMs).toBe(5000)
  expect(effectiveLimits(asking({}), policy, subject({ name: 'other', principal: 'p' })).cpuMs).toBe(1000)
  expect(effectiveLimits(asking({}), policy).cpuMs).toBe(1000)
})

test('a project’s plugin that takes a name gets nothing by it', () => {
  const policy: Policy = { plugins: { tool: { limits: { memoryBytes: 2 ** 30 }, features: { gc: true } } } }
  const project = subject({ origin: 'project', principal: 'file:/y#tool' })
  expect(effectiveLimits(asking({}), policy, project).memoryBytes).toBe(defaultLimits.memoryBytes)
  expect(effectiveFeatures(policy, project)).toEqual({})
  expect(effectiveFeatures(policy, subject({ origin: 'home' }))).toEqual({ gc: true })
})

test('an override that says nothing takes nothing back', () => {
  const policy = {
    limits: { fuel: 500 },
    features: { gc: true },
    plugins: { tool: { limits: { fuel: undefined }, features: { gc: undefined } } },
  } as unknown as Policy
  expect(effectiveLimits(asking({}), policy, subject()).fuel).toBe(500)
  expect(effectiveFeatures(policy, subject())).toEqual({ gc: true })
})

test('the operator’s switches are off, and can be turned off for one plugin', () => {
  expect(effectiveFeatures({}, subject())).toEqual({})
  const policy: Policy = { features: { gc: true, threads: true }, plugins: { tool: { features: { threads: false } } } }
  expect(effectiveFeatures(policy, subject())).toEqual({ gc: true, threads: false })
})

test.each([
  [{ limits: { cpuMs: 100, fuel: 1000, networkBytes: 1, networkDailyBytes: 1, ratePerSecond: 0.5 } }],
  [{ features: { gc: true, threads: false, memory64: true } }],
  [{ plugins: { tool: { limits: { memoryBytes: 1024 } } } }],
])('a policy may say %j', (policy) => {
  expect(checkPolicy(policy)).toEqual(policy)
})

test.each<[unknown, RegExp]>([
  [{ limits: { fuel: 1.5 } }, /policy\.limits\.fuel: must be a whole number above 0/],
  [{ limits: { fuel: 2 ** 60 } }, /fuel/],
  [{ limits: { cpuMs: 0 } }, /cpuMs: must be a number above 0/],
  [{ limits: { cpuMs: Number.POSITIVE_INFINITY } }, /cpuMs/],
  [{ limits: { network: 5 } }, /network/],
  [{ features: { simd: true } }, /simd/],
  [{ features: { gc: 'yes' } }, /features\.gc/],
  [{ plugins: { tool: { limits: { hostCalls: -1 } } } }, /policy\.plugins\.tool\.limits\.hostCalls/],
  [{ plugins: { tool: { boundary: 'inline' } } }, /boundary/],
])('a policy may not say %j', (policy, message) => {
  expect(() => checkPolicy(policy as Policy)).toThrowError(
    expect.objectContaining({ code: 'config.invalid', message: expect.stringMatching(message) as string }),
  )
})
