// What one line of the benchmark is, and how it is judged. Figures only: nothing here runs or times anything.

/** Units of time count down (less is better), the others of amount count up. */
export type Unit = 'µs' | 'ms' | 'MiB' | 'MB/s' | 'calls/s' | 'texts/s' | 'calls' | '%' | '% found' | '×'

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
  /** In words: `≤ 30 µs`, `≤ 2× bare postMessage`. */
  readonly target: string | null
  readonly met: boolean | null
}

/** A bound on our figure, in its unit. */
export type Bound = { readonly atMost: number } | { readonly atLeast: number } | { readonly below: number }

/** A bound on how ours compares with a peer's: at most so many times as much, or so many times as good. */
export type PeerBound = { readonly peer: string } & (
  | { readonly atMostTimes: number }
  | { readonly atLeastTimesBetter: number }
)

/** What is to be reached. */
export type Target = Bound | PeerBound

/** What the lines of one measure are made from. */
export interface Comparison {
  readonly name: string
  readonly unit: Unit
  readonly ours: number
  /** Figures of peers by their name. */
  readonly peers?: Readonly<Record<string, number>>
  readonly targets?: readonly Target[]
}

/** The floors that must hold on any machine: no goals, but what must never be passed. */
export const floors = { loadMs: 2000, messageMs: 10, memoryMiB: 50, idleCpuPercent: 5 } as const

/** Four significant digits: more would be noise. */
const round = (value: number): number => Number(value.toPrecision(4))

const isPeerBound = (target: Target): target is PeerBound => 'peer' in target

const isBound = (target: Target): target is Bound => !isPeerBound(target)

const countsUp = (unit: Unit): boolean => unit.endsWith('/s') || unit === '% found'

/** Whether it is reached; NaN reaches nothing. */
const judgeBound = (bound: Bound, ours: number): boolean =>
  'atMost' in bound ? ours <= bound.atMost : 'atLeast' in bound ? ours >= bound.atLeast : ours < bound.below

const boundText = (bound: Bound, unit: Unit): string => {
  const suffix = unit === '×' ? '×' : ` ${unit}`
  if ('atMost' in bound) return `≤ ${bound.atMost}${suffix}`
  return 'atLeast' in bound ? `≥ ${bound.atLeast}${suffix}` : `< ${bound.below}${suffix}`
}

const judgePeerBound = (bound: PeerBound, ratio: number, unit: Unit): boolean => {
  if ('atMostTimes' in bound) return ratio <= bound.atMostTimes
  return (countsUp(unit) ? ratio : 1 / ratio) >= bound.atLeastTimesBetter
}

const peerBoundText = (bound: PeerBound, unit: Unit): string => {
  if ('atMostTimes' in bound) return `≤ ${bound.atMostTimes}× ${bound.peer}`
  return `≥ ${bound.atLeastTimesBetter}× ${countsUp(unit) ? '' : 'faster than '}${bound.peer}`
}

/**
 * One line for each bound on our figure, then one for each peer; at least one. @throws Error for a target against a peer
 * that was not measured: it would be lost without a word
 */
export const compare = ({ name, unit, ours, peers = {}, targets = [] }: Comparison): readonly Measure[] => {
  const line = { name, unit, ours: round(ours) }
  const alone = { ...line, peer: null, peerName: null, ratio: null }
  const bounds = targets.filter(isBound)
  const peerBounds = targets.filter(isPeerBound)
  const lost = peerBounds.find(({ peer }) => !Object.hasOwn(peers, peer))
  if (lost !== undefined) throw new Error(`${name}: the peer "${lost.peer}" of a target was not measured`)
  const lines = [
    ...bounds.map((bound) => ({ ...alone, target: boundText(bound, unit), met: judgeBound(bound, ours) })),
    ...Object.entries(peers).map(([peerName, peer]) => {
      const ratio = ours / peer
      const bound = peerBounds.find((entry) => entry.peer === peerName)
      const verdict =
        bound === undefined
          ? { target: null, met: null }
          : { target: peerBoundText(bound, unit), met: judgePeerBound(bound, ratio, unit) }
      return { ...line, peer: round(peer), peerName, ratio: round(ratio), ...verdict }
    }),
  ]
  return lines.length > 0 ? lines : [{ ...alone, target: null, met: null }]
}
