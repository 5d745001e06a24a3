// What one line of the benchmark is, and how it is judged. Figures only: nothing here runs or times anything.

/** Units; those of {@link rates} are better when greater. */
export type Unit = 'µs' | 'ms' | 'MiB' | 'MB/s' | '%' | 'calls/s' | '×'
const rates: ReadonlySet<Unit> = new Set(['MB/s', 'calls/s'])

/** A measured figure beside a peer's, as `npm run bench -- --json` prints it. */
export interface Measure {
  /** Unique together with `peerName`. */
  readonly name: string
  readonly unit: Unit
  readonly ours: number
  /** The same thing done by a peer in the same run; null when none fits. */
  readonly peer: number | null
  readonly peerName: string | null
  /** `ours / peer`. */
  readonly ratio: number | null
  /** What `ours` and `ratio` are to keep to: `≤ 30 µs, ≥ 4× faster`. */
  readonly target: string | null
  readonly met: boolean | null
}

/** What a measure is to keep to; all of them that are given. */
export interface Goal {
  /** `ours` is to stay at or below it. */
  readonly most?: number
  /** `ours` is to reach it. */
  readonly least?: number
  /** `ours` is to take at most so many times what the peer takes. */
  readonly mostTimes?: number
  /** `ours` is to be so many times better than the peer: shorter, or for rates greater. */
  readonly timesBetter?: number
}

/** What a measure is made from. */
export interface MeasureParts extends Pick<Measure, 'name' | 'unit' | 'ours'>, Goal {
  readonly peer?: { readonly name: string; readonly value: number }
}

/** The floors that must hold on any machine: no goals, but what must never be passed. */
export const floors = { loadMs: 2000, messageMs: 10, memoryMiB: 50, idleCpuPercent: 5 } as const

/** Four significant digits: more would be noise. */
const round = (value: number): number => Number(value.toPrecision(4))

/** Makes a measure. */
export const makeMeasure = (parts: MeasureParts): Measure => {
  const { name, unit, ours, peer, most, least, mostTimes, timesBetter } = parts
  const ratio = peer === undefined ? undefined : ours / peer.value
  const isRate = rates.has(unit)
  const better = ratio === undefined ? Number.NaN : isRate ? ratio : 1 / ratio
  const goals = [
    ...(most === undefined ? [] : [{ text: `≤ ${most} ${unit}`, met: ours <= most }]),
    ...(least === undefined ? [] : [{ text: `≥ ${least} ${unit}`, met: ours >= least }]),
    ...(mostTimes === undefined ? [] : [{ text: `≤ ${mostTimes}× the peer`, met: (ratio ?? Number.NaN) <= mostTimes }]),
    ...(timesBetter === undefined
      ? []
      : [{ text: `≥ ${timesBetter}× ${isRate ? 'the peer' : 'faster'}`, met: better >= timesBetter }]),
  ]
  return {
    name,
    unit,
    ours: round(ours),
    peer: peer === undefined ? null : round(peer.value),
    peerName: peer?.name ?? null,
    ratio: ratio === undefined ? null : round(ratio),
    target: goals.length === 0 ? null : goals.map(({ text }) => text).join(', '),
    met: goals.length === 0 ? null : goals.every(({ met }) => met),
  }
}
