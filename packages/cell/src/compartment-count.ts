// How many compartments are open in this process, so that tests can see leaks.

let open = 0

/** Compartments that are open in this process. */
export const openCompartments = (): number => open

/** Counts one until it is disposed. */
export const countOpen = (): Disposable => {
  open++
  let counted = true
  return {
    [Symbol.dispose]: () => {
      if (counted) open--
      counted = false
    },
  }
}
