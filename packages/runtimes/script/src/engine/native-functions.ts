// Names of the native functions that the prelude gets, in the order of their numbers, from 1. Their contract stands in
// guest/bridge.ts, what they do in bridge.ts. The order is part of the base state.

/** See the file's head. */
export const nativeFunctions = [
  'send',
  'log',
  'startTimer',
  'stopTimer',
  'finish',
  'compute',
  'draw',
  'take',
  'next',
] as const
