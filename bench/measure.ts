// What one line of the benchmark is, and how it is judged. Figures only: nothing here runs or times anything.

/** A measured figure beside a peer's, as `npm run bench -- --json` prints it. */
export interface Measure {
  /** Unique together with `peerName`. */
  readonly name: string
  readonly unit: 'µs' | 'ms' | 'MiB' | 'MiB/s' | '%'
  readonly ours: number
  /** The same thing done by a peer in the same run; null when none fits. */
  readonly peer: number | null
  readonly peerName: string | null
  /** `ours / peer`. */
  readonly ratio: number | null
  /** A bound on `ours`, in `unit`: `< 10`. */
  readonly target: string | null
  readonly met: boolean | null
}

/** What a measure is made from. */
export interface MeasureParts extends Pick<Measure, 'name' | 'unit' | 'ours'> {
  readonly peer?: { readonly name: string; readonly value: number }
  /** `ours` has to stay below it. */
  readonly below?: number
}

/** The floors that must hold on any machine: no goals, but what must never be passed. */
export const floors = { loadMs: 2000, messageMs: 10, memoryMiB: 50, idleCpuPercent: 5 } as const

/** Four significant digits: more would be noise. */
const round = (value: number): number => Number(value.toPrecision(4))

/** Makes a measure. */
export const makeMeasure = ({ name, unit, ours, peer, below }: MeasureParts): Measure => ({
  name,
  unit,
  ours: round(ours),
  peer: peer === undefined ? null : round(peer.value),
  peerName: peer?.name ?? null,
  ratio: peer === undefined ? null : round(ours / peer.value),
  target: below === undefined ? null : `< ${below}`,
  met: below === undefined ? null : ours < below,
})
