// The globals of a script plugin, for files that import nothing: /// <reference types="@bulkhead/sdk/globals" />

import type { Host } from './dist/host.js'

declare global {
  /** The host functions, each behind the gate. Functions of the embedding program appear as `host.<area>.<name>`. */
  const host: Host & HostFunctions

  /** Extend this interface to type the embedding program's functions: `interface HostFunctions { orders: { … } }`. */
  interface HostFunctions {}

  const console: Readonly<
    Record<'trace' | 'debug' | 'log' | 'info' | 'warn' | 'error', (...values: readonly unknown[]) => void>
  >
  function setTimeout(run: (...args: never[]) => void, ms?: number, ...args: unknown[]): number
  function setInterval(run: (...args: never[]) => void, ms?: number, ...args: unknown[]): number
  function clearTimeout(id: number | undefined): void
  function clearInterval(id: number | undefined): void
  function queueMicrotask(run: () => void): void
  function structuredClone<T>(value: T): T
  class TextEncoder {
    encode(text?: string): Uint8Array<ArrayBuffer>
  }
  class TextDecoder {
    constructor(label?: string, options?: { fatal?: boolean; ignoreBOM?: boolean })
    decode(bytes?: ArrayBuffer | ArrayBufferView): string
  }
  function atob(text: string): string
  function btoa(text: string): string
  const crypto: {
    getRandomValues<T extends ArrayBufferView>(view: T): T
    randomUUID(): string
  }
  const performance: { now(): number; readonly timeOrigin: number }
}
