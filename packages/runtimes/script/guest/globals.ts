// The web globals that plugin code expects: text, base64, URL, random values, console. All pure: what QuickJS lacks is
// computed by the outer engine's own functions through `compute`, which can touch nothing but its arguments.

import type { Bridge } from './bridge.ts'
import { decodeBase64, decodeBytes, encodeText, inPieces } from './pieces.ts'
import { cloneStructured } from './structured-clone.ts'
import { makeUrlGlobals } from './url.ts'

type Log = Readonly<Record<'trace' | 'debug' | 'info' | 'warn' | 'error', (...values: readonly unknown[]) => void>>

/** Defines a global the way built-ins are: writable, not enumerable. */
export const defineGlobal = (name: string, value: unknown): void => {
  Object.defineProperty(globalThis, name, { value, writable: true, configurable: true, enumerable: false })
}

/** Lays the globals. */
export const installGlobals = (bridge: Bridge, log: Log): void => {
  const { stringify, parse } = JSON
  const compute = (operation: string, input: unknown, buffer?: ArrayBuffer): unknown => {
    const result = bridge.compute(operation, stringify(input), buffer)
    return typeof result === 'string' ? parse(result) : result
  }
  const bufferOf = (input: ArrayBuffer | ArrayBufferView | undefined): ArrayBuffer => {
    if (input === undefined) return new ArrayBuffer(0)
    if (input instanceof ArrayBuffer) return input
    return new Uint8Array(input.buffer, input.byteOffset, input.byteLength).slice().buffer
  }

  const encodeUtf8 = (text: string): Uint8Array =>
    encodeText(text, (piece) => compute('utf8-encode', piece) as ArrayBuffer)

  class TextEncoder {
    readonly encoding = 'utf-8'
    encode(input = ''): Uint8Array {
      return encodeUtf8(String(input))
    }
  }
  class TextDecoder {
    readonly encoding: string
    readonly fatal: boolean
    readonly ignoreBOM: boolean
    constructor(label = 'utf-8', options: { fatal?: boolean; ignoreBOM?: boolean } = {}) {
      const encoding = compute('encoding-name', String(label)) as string | undefined
      if (encoding === undefined) throw new RangeError(`"${label}" is not an encoding`)
      this.encoding = encoding
      this.fatal = options.fatal === true
      this.ignoreBOM = options.ignoreBOM === true
    }
    decode(input?: ArrayBuffer | ArrayBufferView): string {
      const { encoding, fatal, ignoreBOM } = this
      return decodeBytes(bufferOf(input), encoding, (piece, isFirst) => {
        // Only the very first character can be a byte order mark.
        const options = { encoding, fatal, ignoreBOM: ignoreBOM || !isFirst }
        const text = compute('decode', options, piece) as string | undefined
        if (text === undefined) throw new TypeError(`the bytes are not ${encoding}`)
        return text
      })
    }
  }
  const base64 = (operation: string, complaint: string) => (input: string) => {
    const result = compute(operation, input) as string | undefined
    if (result === undefined) throw new TypeError(complaint)
    return result
  }
  const atobPiece = base64('atob', 'the text is not base64')
  const btoaPiece = base64('btoa', 'the text has characters above U+00FF')
  const getRandomValues = <T extends ArrayBufferView>(view: T): T => {
    if (view.byteLength > 65_536) throw new RangeError('at most 65536 random bytes at once')
    const random = new Uint8Array(bridge.draw('random', view.byteLength))
    new Uint8Array(view.buffer, view.byteOffset, view.byteLength).set(random)
    return view
  }
  let startedMs: number | undefined
  const origin = (): number => (startedMs ??= Number(bridge.draw('started')))

  const globals: Record<string, unknown> = {
    TextEncoder,
    TextDecoder,
    atob: (input: unknown) => decodeBase64(String(input), atobPiece),
    btoa: (input: unknown) => inPieces(String(input), btoaPiece),
    structuredClone: cloneStructured,
    crypto: Object.freeze({ getRandomValues, randomUUID: () => bridge.draw('uuid') }),
    performance: Object.freeze({
      now: () => Date.now() - origin(),
      get timeOrigin() {
        return origin()
      },
    }),
    console: {
      ...log,
      log: log.info,
      dir: log.info,
      table: log.info,
      assert: (condition: unknown, ...values: unknown[]) => {
        if (!condition) log.error('Assertion failed:', ...values)
      },
    },
    ...makeUrlGlobals(compute, {
      encode: encodeUtf8,
      decode: (bytes) => new TextDecoder('utf-8', { ignoreBOM: true }).decode(bytes),
    }),
  }
  for (const [name, value] of Object.entries(globals)) defineGlobal(name, value)
}
