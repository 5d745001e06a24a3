// The wasm tier's public face, by hand.

export { makeWasmRuntime } from './runtime.ts'
