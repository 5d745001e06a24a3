// Keeps this process running while somebody waits for nothing but time: timers of the host's clock let it end.

/** The process does not end by itself until this is disposed. */
export const stayAwake = (): Disposable => {
  const timer = setInterval(() => {}, 0x7fffffff)
  return { [Symbol.dispose]: () => clearInterval(timer) }
}
