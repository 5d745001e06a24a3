// The process tier's public face, by hand.

export { makeProcessRuntime } from './runtime.ts'
