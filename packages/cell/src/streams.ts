// Large contents as chunks with credit: the receiver grants bytes, the sender never has more than that on its way, and
// either end can drop a stream. One end's streams are kept together here; peer.ts says which call they belong to.

import { BulkheadError } from '@bulkhead/kernel/wire'
import {
  chunkBytes,
  contentLength,
  inlineBytes,
  type Message,
  type Part,
  type StreamReference,
  type WireContent,
  windowBytes,
} from './wire.ts'

/** A content that is whole. The same shape as the kernel's inputs and outputs. */
export type Content =
  | { readonly kind: 'value'; readonly payload: { readonly json: string; readonly blobs?: readonly Uint8Array[] } }
  | { readonly kind: 'raw'; readonly bytes: Uint8Array }

const none: readonly never[] = []

interface Outbound {
  readonly bytes: Uint8Array
  at: number
  credit: number
}

interface Inbound {
  readonly into: Uint8Array
  at: number
  readonly resolve: (bytes: Uint8Array) => void
  readonly reject: (error: BulkheadError) => void
}

/** Both directions of one end. */
export class Streams {
  readonly #send: (message: Message) => void
  readonly #outbound = new Map<number, Outbound>()
  readonly #inbound = new Map<number, Inbound>()
  #next = 1

  constructor(send: (message: Message) => void) {
    this.#send = send
  }

  /** Turns a content into its wire form; long parts become streams, whose ids are returned so that they can be dropped. */
  announce(content: Content): { wire: WireContent; streams: readonly number[] } {
    if (content.kind === 'raw' && content.bytes.length <= inlineBytes) return { wire: content, streams: none }
    if (content.kind === 'value' && content.payload.blobs === undefined) {
      const { json } = content.payload
      if (json.length <= inlineBytes) return { wire: { kind: 'value', json, blobs: none }, streams: none }
    }
    const streams: number[] = []
    const part = (value: string | Uint8Array): Part => {
      if (value.length <= inlineBytes) return value
      const bytes = typeof value === 'string' ? new TextEncoder().encode(value) : value
      const stream = this.#next++
      this.#outbound.set(stream, { bytes, at: 0, credit: 0 })
      streams.push(stream)
      return { stream, length: bytes.length, text: typeof value === 'string' }
    }
    const wire: WireContent =
      content.kind === 'raw'
        ? { kind: 'raw', bytes: part(content.bytes) }
        : { kind: 'value', json: part(content.payload.json), blobs: (content.payload.blobs ?? []).map(part) }
    return { wire, streams }
  }

  /**
   * Makes an arriving content whole. At most `maxBytes` are taken in.
   * @throws BulkheadError `input.too-large` before anything is taken in, `host.internal` for a stream that breaks its word
   */
  collect(wire: WireContent, maxBytes: number): { content: Content | Promise<Content>; streams: readonly number[] } {
    const total = contentLength(wire)
    if (total > maxBytes) {
      throw new BulkheadError('input.too-large', `a message carries ${total} bytes; at most ${maxBytes} are taken`)
    }
    if (wire.kind === 'value' && typeof wire.json === 'string' && wire.blobs.length === 0) {
      return { content: { kind: 'value', payload: { json: wire.json } }, streams: none }
    }
    const parts = wire.kind === 'raw' ? [wire.bytes] : [wire.json, ...wire.blobs]
    const references = parts.filter((part): part is StreamReference => isReference(part))
    const streams = references.map((reference) => reference.stream)
    if (new Set(streams).size < streams.length || streams.some((stream) => this.#inbound.has(stream))) {
      throw new BulkheadError('host.internal', 'a message names a stream that another one carries')
    }
    if (references.length === 0) return { content: assemble(wire, parts as (string | Uint8Array)[]), streams }
    const whole = Promise.all(parts.map(async (part) => (isReference(part) ? this.#receive(part) : part)))
    return { content: whole.then((values) => assemble(wire, values)), streams }
  }

  /**
   * Takes chunk, end and credit. Those of streams that were dropped are ignored. Answers whether a sound end would have sent it: one
   * sends whole chunks, and grants as much.
   */
  take(message: Extract<Message, { stream: number }>): boolean {
    if (message.type === 'credit') {
      const outbound = this.#outbound.get(message.stream)
      if (outbound === undefined) return false
      outbound.credit += message.bytes
      this.#pump(message.stream, outbound)
      return message.bytes >= chunkBytes
    }
    const inbound = this.#inbound.get(message.stream)
    if (inbound === undefined) return false
    if (message.type === 'chunk') {
      if (inbound.at + message.bytes.length > inbound.into.length) {
        this.#fail(message.stream, 'a stream is longer than announced')
        return true
      }
      inbound.into.set(message.bytes, inbound.at)
      inbound.at += message.bytes.length
      if (inbound.at < inbound.into.length) {
        this.#send({ type: 'credit', stream: message.stream, bytes: message.bytes.length })
        return message.bytes.length >= chunkBytes
      }
      return true
    }
    if (inbound.at < inbound.into.length) {
      this.#fail(message.stream, 'a stream ended early')
      return true
    }
    this.#inbound.delete(message.stream)
    inbound.resolve(inbound.into)
    return true
  }

  /** Forgets streams that this end was sending. */
  dropOutbound(streams: readonly number[]): void {
    for (const stream of streams) this.#outbound.delete(stream)
  }

  /** Fails streams that this end was receiving. */
  dropInbound(streams: readonly number[], error: BulkheadError): void {
    for (const stream of streams) {
      this.#inbound.get(stream)?.reject(error)
      this.#inbound.delete(stream)
    }
  }

  /** Streams open in either direction. */
  get open(): number {
    return this.#outbound.size + this.#inbound.size
  }

  #receive(reference: StreamReference): Promise<string | Uint8Array> {
    const received = new Promise<Uint8Array>((resolve, reject) => {
      this.#inbound.set(reference.stream, { into: new Uint8Array(reference.length), at: 0, resolve, reject })
      this.#send({ type: 'credit', stream: reference.stream, bytes: windowBytes })
    })
    return reference.text ? received.then((bytes) => new TextDecoder().decode(bytes)) : received
  }

  #fail(stream: number, why: string): void {
    this.dropInbound([stream], new BulkheadError('host.internal', `${why} (stream ${stream})`))
  }

  #pump(stream: number, outbound: Outbound): void {
    while (outbound.at < outbound.bytes.length && outbound.credit > 0) {
      const size = Math.min(chunkBytes, outbound.credit, outbound.bytes.length - outbound.at)
      const bytes = new Uint8Array(outbound.bytes.subarray(outbound.at, outbound.at + size))
      this.#send({ type: 'chunk', stream, bytes })
      outbound.at += size
      outbound.credit -= size
    }
    if (outbound.at < outbound.bytes.length) return
    this.#outbound.delete(stream)
    this.#send({ type: 'end', stream })
  }
}

const isReference = (part: Part): part is StreamReference => typeof part === 'object' && 'stream' in part

const assemble = (wire: WireContent, values: readonly (string | Uint8Array)[]): Content => {
  const [first, ...rest] = values
  if (wire.kind === 'raw') {
    if (!(first instanceof Uint8Array)) throw new BulkheadError('host.internal', 'a raw content is not bytes')
    return { kind: 'raw', bytes: first }
  }
  if (typeof first !== 'string' || !rest.every((value) => value instanceof Uint8Array)) {
    throw new BulkheadError('host.internal', 'a content has its parts mixed up')
  }
  return { kind: 'value', payload: rest.length === 0 ? { json: first } : { json: first, blobs: rest } }
}
