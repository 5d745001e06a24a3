// What one goal is, and how figures are held against it.

import { compare, type Comparison, type Measure, type Target } from './measure.ts'

/** One measure that has targets. */
export interface Goal extends Pick<Comparison, 'name' | 'unit'> {
  /** By the name that `--only` takes. */
  readonly scenario: string
  readonly targets: readonly Target[]
}

/** The lines of a goal. @throws Error for a target against a peer that was not measured */
export const judge = ({ name, unit, targets }: Goal, figures: Pick<Comparison, 'ours' | 'peers'>): readonly Measure[] =>
  compare({ name, unit, targets, ...figures })
