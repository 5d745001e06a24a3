// The script tier's public face, by hand.

export { makeScriptRuntime } from './runtime.ts'
