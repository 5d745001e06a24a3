// The goals of the languages whose interpreters we build. A part of the table in goals.ts.

/** By name, as the whole table has them, which also says what a goal is. */
export const languageGoals = {
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
} as const
