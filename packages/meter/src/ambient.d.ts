// The one global beside the language itself that the meter uses. It compiles with `types: []`, so that I/O of any
// kind is a type error.

declare class TextDecoder {
  constructor(label?: string, options?: { fatal?: boolean; ignoreBOM?: boolean })
  decode(input?: Uint8Array): string
}
