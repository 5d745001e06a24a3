// What a peer may make this side hold or do. Every bound counts for one peer; a caller tightens or widens them.

/** See the file's head. Bytes are bytes of UTF-8 as they stand on the wire. */
export interface JsonRpcBounds {
  /** Longest line in either direction, bytes without its newline. Counted before anything is parsed. */
  readonly maxLineBytes: number
  /** All that is read before the handshake is over, bytes. */
  readonly maxHandshakeBytes: number
  /** Deepest nesting of arrays and objects of a message. */
  readonly maxDepth: number
  /** Most members of all arrays and objects of a message together. */
  readonly maxMembers: number
  /** Calls of ours that may be unanswered at once. */
  readonly maxCallsOut: number
  /** Calls of the peer's that may be under way at once; further ones are refused, each with an answer. */
  readonly maxCallsIn: number
  /** What may wait for a peer that does not read, bytes. A line is always taken when nothing waits. */
  readonly maxWaitingBytes: number
  /** Abandoned calls (timed out, cancelled) whose late answers are still recognised as such. */
  readonly maxAbandoned: number
  /** Answers to nothing that are put up with; the next one ends the connection. */
  readonly maxUnsolicited: number
  /** Lines that are no JSON at all and are put up with; the next one ends the connection. For peers that print a banner. */
  readonly maxStrayLines: number
  /** Messages that answer nothing of ours, per second: past it, reading pauses, so the peer waits on its own pipe. */
  readonly maxMessagesPerSecond: number
  /** Share of time that may be spent on reading and hearing such messages; past it, reading pauses as well. */
  readonly maxBusyShare: number
}

/** See {@link JsonRpcBounds}. */
export const defaultJsonRpcBounds: JsonRpcBounds = {
  maxLineBytes: 16 * 1024 * 1024,
  maxHandshakeBytes: 256 * 1024,
  maxDepth: 128,
  maxMembers: 250_000,
  maxCallsOut: 256,
  maxCallsIn: 64,
  maxWaitingBytes: 32 * 1024 * 1024,
  maxAbandoned: 1024,
  maxUnsolicited: 8,
  maxStrayLines: 0,
  maxMessagesPerSecond: 20_000,
  maxBusyShare: 0.25,
}
