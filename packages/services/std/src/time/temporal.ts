/// <reference lib="esnext.temporal" />
// The Temporal of the engine where it has one (Node 26), else that of a polyfill.

/** https://tc39.es/proposal-temporal */
export const temporal: typeof Temporal =
  'Temporal' in globalThis
    ? globalThis.Temporal
    : ((await import('temporal-polyfill')).Temporal as unknown as typeof Temporal)
