// What must be shown of a vault of 10,000 notes; part of the goals.

import type { Goal } from './goals.ts'

/** By the names that the scenario uses. */
export const noteGoals = {
  notesIndex: {
    scenario: 'notes',
    name: 'full index of 10,000 notes with 50,000 links',
    unit: 'ms',
    targets: [{ below: 10_000 }],
  },
  notesReopened: {
    scenario: 'notes',
    name: 'vault of 10,000 notes opened again, to the first answer',
    unit: 'ms',
    targets: [{ below: 500 }],
  },
  notesChange: {
    scenario: 'notes',
    name: 'a note changed by another program among 10,000, until it is found, p50',
    unit: 'ms',
    targets: [{ below: 20 }],
  },
  notesBacklinks: {
    scenario: 'notes',
    name: 'backlinks of a note among 10,000, p50',
    unit: 'ms',
    targets: [{ below: 1 }],
  },
  notesText: {
    scenario: 'notes',
    name: 'full-text search in 10,000 notes, two words, p50',
    unit: 'ms',
    targets: [{ below: 10 }],
  },
  notesSemantic: {
    scenario: 'notes',
    name: 'search by meaning in 10,000 notes, p50',
    unit: 'ms',
    targets: [{ below: 30 }],
  },
} as const satisfies Readonly<Record<string, Goal>>
