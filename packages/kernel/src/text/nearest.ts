// "Did you mean": the names nearest to a misspelt one.

/** Damerau–Levenshtein distance (optimal string alignment), on at most 64 characters of each. */
const distance = (a: string, b: string): number => {
  const left = a.slice(0, 64)
  const right = b.slice(0, 64)
  let twoBack: number[] = []
  let previous = Array.from({ length: right.length + 1 }, (_, index) => index)
  for (let i = 1; i <= left.length; i++) {
    const current = [i]
    for (let j = 1; j <= right.length; j++) {
      const same = left[i - 1] === right[j - 1]
      let cost = Math.min((previous[j] ?? 0) + 1, (current[j - 1] ?? 0) + 1, (previous[j - 1] ?? 0) + (same ? 0 : 1))
      if (i > 1 && j > 1 && left[i - 1] === right[j - 2] && left[i - 2] === right[j - 1]) {
        cost = Math.min(cost, (twoBack[j - 2] ?? 0) + 1)
      }
      current.push(cost)
    }
    twoBack = previous
    previous = current
  }
  return previous[right.length] ?? 0
}

/** At most three names within a third of the word's length (at least 2 edits), nearest first. */
export const nearestNames = (word: string, names: readonly string[]): string[] => {
  const most = Math.max(2, Math.floor(Math.min(word.length, 64) / 3))
  return names
    .map((name) => ({ name, far: distance(word.toLowerCase(), name.toLowerCase()) }))
    .filter((entry) => entry.far <= most)
    .sort((a, b) => a.far - b.far || (a.name < b.name ? -1 : 1))
    .slice(0, 3)
    .map((entry) => entry.name)
}
