// A fresh Rune sandbox with a memory of its own to its first result, warm calls, and whether many calls make it grow.
// Nobody else runs Rune in a sandbox, so there is no peer.

import { goals } from '../goals.ts'
import type { Measure } from '../measure.ts'
import { measureSandbox } from './lua-sandbox.ts'

/** See the file's head. */
export const measureRuneSandbox = (): Promise<readonly Measure[]> =>
  measureSandbox({
    kind: 'Rune',
    goals: { sandbox: goals.runeSandbox, kept: goals.runeKept, growth: goals.runeGrowth },
    peers: {},
  })
