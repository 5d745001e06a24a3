// What the sandboxes of Lua and Rune, and the library of scripts, must show; part of the goals.

import type { Goal } from './goal.ts'

/** Goals of the scenarios `lua-sandbox`, `rune-sandbox` and `graph-algorithms`. */
export const scriptGoals = {
  pageRank: {
    scenario: 'graph-algorithms',
    name: 'PageRank of 10,000 nodes and 50,000 edges, asked by a JavaScript plugin, p50',
    unit: 'ms',
    targets: [{ below: 1000 }],
  },
  loopHeld: {
    scenario: 'graph-algorithms',
    name: "longest that the host's loop stood still meanwhile, p50",
    unit: 'ms',
    targets: [{ atMost: 250 }],
  },
  luaSandbox: {
    scenario: 'lua-sandbox',
    name: 'fresh Lua sandbox with its own memory, thread, to first result, p50',
    unit: 'ms',
    targets: [{ atMost: 1 }],
  },
  luaKept: {
    scenario: 'lua-sandbox',
    name: 'warm call, Lua, thread, kept state, 16 B, p50',
    unit: 'µs',
    targets: [{ atMost: 40 }],
  },
  luaGrowth: {
    scenario: 'lua-sandbox',
    name: 'growth of a Lua sandbox with kept state over 10,000 calls',
    unit: 'MiB',
    targets: [{ atMost: 0 }],
  },
  runeSandbox: {
    scenario: 'rune-sandbox',
    name: 'fresh Rune sandbox with its own memory, thread, to first result, p50',
    unit: 'ms',
    targets: [{ atMost: 2 }],
  },
  runeKept: {
    scenario: 'rune-sandbox',
    name: 'warm call, Rune, thread, kept state, 16 B, p50',
    unit: 'µs',
    targets: [{ atMost: 40 }],
  },
  runeGrowth: {
    scenario: 'rune-sandbox',
    name: 'growth of a Rune sandbox with kept state over 10,000 calls',
    unit: 'MiB',
    targets: [{ atMost: 0 }],
  },
} as const satisfies Readonly<Record<string, Goal>>
