// Planted fault: even a type must not come from above.
export type * as Planted from '@bulkhead/runtime-wasm'
