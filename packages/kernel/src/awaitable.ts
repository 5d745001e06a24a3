// What is there now or comes later. A small call passes a dozen layers that may each have to wait, and seldom do: a promise in
// each of them would take longer than the call. Whoever answers with this throws what it would reject with.

/** A value, or the promise of it. */
export type Awaitable<Value> = Value | Promise<Value>
