// How much harm a call can do. A file of its own, so that whoever needs only this does not load the schema library.

/** How much harm a call can do; the order is the order of harm. */
export const riskLevels = ['read-only', 'write', 'risky', 'dangerous'] as const
/** See {@link riskLevels}. */
export type Risk = (typeof riskLevels)[number]
