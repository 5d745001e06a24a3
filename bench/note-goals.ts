// What the note vault and the search by meaning must show; part of the goals.

import type { Goal } from './goal.ts'
import { peerNames } from './peers/names.ts'

const { fullText } = peerNames

/** Goals of the scenarios `notes` and `semantic`. */
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
  semanticAll: {
    scenario: 'semantic',
    name: 'notes found in the first five, by words and meaning, all judged queries',
    unit: '% found',
    targets: [{ peer: fullText, atLeastTimesBetter: 1.5 }],
  },
  semanticParaphrase: {
    scenario: 'semantic',
    name: 'notes found in the first five, by words and meaning, judged queries in other words',
    unit: '% found',
    targets: [{ peer: fullText, atLeastTimesBetter: 2 }],
  },
  vectorsOpen: {
    scenario: 'semantic',
    name: 'table of word vectors read and ready',
    unit: 'ms',
    targets: [{ below: 50 }],
  },
  vectorsRate: {
    scenario: 'semantic',
    name: 'passages of 100 words embedded in a second of CPU time',
    unit: 'texts/s',
    targets: [{ atLeast: 20_000 }],
  },
} as const satisfies Readonly<Record<string, Goal>>
