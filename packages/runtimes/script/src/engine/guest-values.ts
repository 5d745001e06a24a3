// Reads what a guest hands to a native function. It may be anything: each value is read by its type, and measured before it
// is copied out.

import type { QuickJSContext, QuickJSHandle } from 'quickjs-emscripten-core'

/** See the file's head. */
export class GuestValues {
  readonly #context: QuickJSContext
  #lengthOfBuffer: QuickJSHandle | undefined

  constructor(context: QuickJSContext) {
    this.#context = context
  }

  /** The getter of `ArrayBuffer.prototype.byteLength`, as it was before any code of the plugin ran. */
  set lengthOfBuffer(getter: QuickJSHandle) {
    this.#lengthOfBuffer = getter
  }

  /** A finite number; 0 for anything else. */
  number(handle: QuickJSHandle | undefined): number {
    const context = this.#context
    if (handle === undefined || context.typeof(handle) !== 'number') return 0
    const value = context.getNumber(handle)
    return Number.isFinite(value) ? value : 0
  }

  /** A text, cut to `most`; empty for anything else. */
  text(handle: QuickJSHandle | undefined, most: number): string {
    const context = this.#context
    if (handle === undefined || context.typeof(handle) !== 'string') return ''
    // A text far beyond the cap is not even copied out.
    return this.length(handle) > most * 8 ? '' : context.getString(handle).slice(0, most)
  }

  /** Length of a string; anything else counts as too long for everything. */
  length(handle: QuickJSHandle | undefined): number {
    const context = this.#context
    if (handle === undefined || context.typeof(handle) !== 'string') return Number.POSITIVE_INFINITY
    using length = context.getProp(handle, 'length')
    return context.getNumber(length)
  }

  /** Anything but a buffer counts as too long for everything. A property of the object itself could lie. */
  byteLength(handle: QuickJSHandle): number {
    const context = this.#context
    if (this.#lengthOfBuffer === undefined) return Number.POSITIVE_INFINITY
    using result = context.callFunction(this.#lengthOfBuffer, handle)
    return result.error === undefined ? context.getNumber(result.value) : Number.POSITIVE_INFINITY
  }

  /** A copy of a buffer's bytes. */
  bytes(handle: QuickJSHandle): Uint8Array {
    if (this.byteLength(handle) === 0) return new Uint8Array()
    const lifetime = this.#context.getArrayBuffer(handle)
    const bytes = lifetime.value.slice()
    lifetime.dispose()
    return bytes
  }
}
