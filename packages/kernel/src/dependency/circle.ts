// Finds the circle that a plugin is part of. Walks breadth first without recursion, so the circle is a shortest one.

/**
 * A shortest way from the name back to itself, rotated to start (and end) at its alphabetically first name, so that
 * every member reports the same circle: `['a', 'b', 'a']`. Undefined when there is none.
 */
export const findCircle = (
  name: string,
  edges: ReadonlyMap<string, readonly string[]>,
): readonly string[] | undefined => {
  const cameFrom = new Map<string, string>()
  const queue = [name]
  for (let index = 0; index < queue.length; index++) {
    const at = queue[index] ?? ''
    for (const next of edges.get(at) ?? []) {
      if (next === name) return rotate(wayBack(at, name, cameFrom))
      if (cameFrom.has(next) || !edges.has(next)) continue
      cameFrom.set(next, at)
      queue.push(next)
    }
  }
  return undefined
}

const wayBack = (from: string, to: string, cameFrom: ReadonlyMap<string, string>): string[] => {
  const way = [from]
  for (let at = from; at !== to; ) {
    at = cameFrom.get(at) ?? to
    way.unshift(at)
  }
  return way
}

const rotate = (circle: readonly string[]): string[] => {
  const least = circle.reduce((best, name, index) => (name < (circle[best] ?? '') ? index : best), 0)
  const turned = [...circle.slice(least), ...circle.slice(0, least)]
  return [...turned, turned[0] ?? '']
}
