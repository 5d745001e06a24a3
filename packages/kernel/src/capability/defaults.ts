// Capabilities that a host may give without asking anybody.

/** What plugins over notes get by default: reading, nothing else. The host passes it as `GatePolicy.defaultGrants`. */
export const defaultNoteCapabilities: readonly string[] = Object.freeze(['notes.read'])
