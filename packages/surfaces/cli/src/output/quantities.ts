// Durations and sizes as manifests write them: the inverse of parseDurationMs and parseSizeBytes, exact.

const spell = (value: number, units: readonly (readonly [name: string, size: number])[]): string => {
  for (const [name, size] of units) {
    if (value >= size && Number.isInteger(value / size)) return `${value / size}${name}`
  }
  return `${value}${units.at(-1)?.[0] ?? ''}`
}

/** `1500` → `1500ms`, `60000` → `1m`. */
export const durationText = (ms: number): string =>
  spell(ms, [
    ['h', 3_600_000],
    ['m', 60_000],
    ['s', 1000],
    ['ms', 1],
  ])

/** `1048576` → `1MiB`. */
export const sizeText = (bytes: number): string =>
  spell(bytes, [
    ['GiB', 1024 ** 3],
    ['MiB', 1024 ** 2],
    ['KiB', 1024],
    ['B', 1],
  ])
