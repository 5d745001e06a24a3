// The behaviours of the conformance suite (packages/testkit) as a script plugin.

let counted = 0

export const echo = (input) => input
export const count = () => ++counted
export const ask = (input) => host.test.ask(input)
export const chat = (input) => {
  console.info(input)
  return null
}
export const pester = async () => {
  for (;;) await host.test.ask(null)
}
export const fail = () => {
  throw new Error('not today')
}
export const spin = () => {
  for (;;);
}
export const hoard = () => {
  const kept = []
  for (;;) kept.push(new Uint8Array(1 << 20).fill(1))
}
export const recurse = () => 1 + recurse()
export const flood = () => 'x'.repeat(2 << 20)
