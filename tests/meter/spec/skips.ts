// Lines of the official test suite that do not pass here, each with its reason. All but one are not the meter's doing:
// what is skipped for the module as it stands is skipped for the metered one too.

/** Lines of one script; all of it without lines. */
export interface Skip {
  readonly script: string
  readonly lines?: readonly number[]
  readonly reason: string
}

/** See the file's head. Scripts by their path in the suite. */
export const skips: readonly Skip[] = [
  {
    script: 'memory64.wast',
    lines: [9],
    reason: 'V8 takes no memory whose declared maximum is beyond its own (262,144 pages).',
  },
  {
    script: 'proposals/threads/imports.wast',
    lines: [310, 314, 318, 405, 409, 413],
    reason: 'The proposal forbids several memories in a module; the standard has allowed them since.',
  },
  {
    script: 'proposals/threads/memory.wast',
    lines: [14, 15],
    reason: 'The proposal forbids several memories in a module; the standard has allowed them since.',
  },
  { script: 'proposals/wide-arithmetic/wide-arithmetic.wast', reason: 'V8 has these instructions behind a flag.' },
  {
    script: 'ref_null.wast',
    reason: 'The meter refuses globals that hold exceptions, whose memory no limit counts: every module here has one.',
  },
]
