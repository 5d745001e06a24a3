// A guess at how large a pattern becomes once its counted repetitions are written out, made before anything compiles
// it: `((a{30}){30})…` is short to write and costs its compiler seconds. Never too small by more than a constant factor.

const repeat = /\{(\d{1,6})(?:,(\d{0,6}))?\}/y

/** Atoms of the pattern, each as often as it is repeated. One pass, no recursion. */
export const estimatePatternSize = (source: string): number => {
  const outer: number[] = []
  let sum = 0
  let last = 0
  for (let at = 0; at < source.length; at++) {
    const character = source.charAt(at)
    repeat.lastIndex = at
    const counts = character === '{' ? repeat.exec(source) : null
    if (counts !== null) {
      const times = Math.max(1, Number(counts[1]), Number(counts[2] ?? 0))
      sum += last * (times - 1)
      last *= times
      at += counts[0].length - 1
    } else if (character === '(') {
      outer.push(sum)
      sum = 0
      last = 0
    } else if (character === ')') {
      last = sum + 1
      sum = (outer.pop() ?? 0) + last
    } else {
      if (character === '\\') at = endOfEscape(source, at)
      if (character === '[') at = endOfClass(source, at)
      last = 1
      sum += 1
    }
  }
  return outer.reduce((total, one) => total + one, sum)
}

const endOfEscape = (source: string, start: number): number =>
  /^[pP]\{[^}]*\}/.test(source.slice(start + 1, start + 40)) ? source.indexOf('}', start) : start + 1

const endOfClass = (source: string, start: number): number => {
  // A ] right after [ or [^ is a member.
  let at = start + (source.charAt(start + 1) === '^' ? 2 : 1)
  if (source.charAt(at) === ']') at++
  while (at < source.length && source.charAt(at) !== ']') at += source.charAt(at) === '\\' ? 2 : 1
  return at
}
