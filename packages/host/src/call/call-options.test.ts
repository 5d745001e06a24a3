import { expect, test } from 'vitest'
import { checkCallOptions } from './call-options.ts'

const refused = expect.objectContaining({ code: 'usage.invalid' })

test('CPU time, fuel and network may be tightened for one call', () => {
  checkCallOptions({ limits: { cpuMs: 1, fuel: 10, networkBytes: 100, networkDailyBytes: 5 } }, { fuel: 1000 })
  checkCallOptions({ limits: {}, timeoutMs: Number.POSITIVE_INFINITY })
  checkCallOptions({ limits: { fuel: undefined } as never }, { fuel: undefined })
})

test('fuel is bounded for one call only where it is counted at all', () => {
  expect(() => checkCallOptions({ limits: { fuel: 10 } }, { fuel: undefined })).toThrowError(
    expect.objectContaining({ code: 'usage.invalid', hint: expect.stringContaining('policy.limits') as string }),
  )
})

test.each([
  { fuel: 1.5 },
  { fuel: 0 },
  { cpuMs: Number.NaN },
  { networkBytes: -1 },
  { hostCalls: 2.5 },
  { memoryBytes: 1 },
])('no call may say %j', (limits) => {
  expect(() => checkCallOptions({ limits } as never, { fuel: 1000 })).toThrowError(refused)
})
