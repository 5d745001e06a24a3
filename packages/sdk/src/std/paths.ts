// Paths as POSIX has them: text in, text out; nothing here looks at a disk.

const partsOf = (path: string): string[] => path.split('/').filter((part) => part !== '' && part !== '.')
const isAbsolute = (path: string): boolean => path.startsWith('/')

const normalise = (path: string): string => {
  const kept: string[] = []
  for (const part of partsOf(path)) {
    if (part !== '..') kept.push(part)
    else if (kept.length > 0 && kept.at(-1) !== '..') kept.pop()
    // Above the root is the root.
    else if (!isAbsolute(path)) kept.push(part)
  }
  const joined = kept.join('/')
  return isAbsolute(path) ? `/${joined}` : joined === '' ? '.' : joined
}

const withoutSlashes = (path: string): string => {
  let end = path.length
  while (end > 0 && path[end - 1] === '/') end--
  return path.slice(0, end)
}

const basename = (path: string, ending = ''): string => {
  const trimmed = withoutSlashes(path)
  const name = trimmed.slice(trimmed.lastIndexOf('/') + 1)
  return ending !== '' && name !== ending && name.endsWith(ending) ? name.slice(0, -ending.length) : name
}

/** `paths.join('a', '../b')` and so on. */
export const paths = {
  /** Joins parts and normalises; empty parts are passed over, and an absolute part does not begin anew. */
  join: (...parts: readonly string[]): string => normalise(parts.filter((part) => part !== '').join('/')),
  /** Without `.`, `..` and double slashes as far as that can be told; `.` for nothing. */
  normalise,
  /** What leads to the last part; `.` when nothing does. */
  dirname: (path: string): string => {
    const trimmed = withoutSlashes(path)
    if (trimmed === '') return isAbsolute(path) ? '/' : '.'
    const slash = trimmed.lastIndexOf('/')
    if (slash < 0) return '.'
    const folder = withoutSlashes(trimmed.slice(0, slash))
    return folder === '' ? '/' : folder
  },
  /** The last part, without `ending` where it has it. */
  basename,
  /** From the last dot of the last part; nothing for a name that begins with its only dot. */
  extension: (path: string): string => {
    const name = basename(path)
    const dot = name.lastIndexOf('.')
    return dot <= 0 || name === '..' ? '' : name.slice(dot)
  },
  /** How to get from one folder to a path; both absolute, or both from one place. */
  relative: (from: string, to: string): string => {
    const [start, end] = [partsOf(normalise(from)), partsOf(normalise(to))]
    let same = 0
    while (same < start.length && same < end.length && start[same] === end[same]) same++
    return [...start.slice(same).map(() => '..'), ...end.slice(same)].join('/') || '.'
  },
  isAbsolute,
}
