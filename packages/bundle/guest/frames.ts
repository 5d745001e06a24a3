// The frames of a stack trace, by any engine: some put the error's own text above them.

/** Only the lines of frames; a trace without one stays as it is. */
export const framesOf = (stack: string): string => {
  const at = stack.search(/^ +at /m)
  return at < 0 ? stack : stack.slice(at)
}
