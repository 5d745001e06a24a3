// The capability names that Bulkhead's own services use. Embedding programs add names of their own, so a name that is
// missing here is no error; a slip of the pen in one of the long names is.

/** Names of the built-in permissions, as grants spell them. */
export const knownCapabilityNames = [
  'network',
  'network.private',
  'filesystem.read',
  'filesystem.write',
  'env',
  'exec',
  'storage',
  'storage.workspace',
  'storage.global',
  'notes.read',
  'notes.write',
] as const

/** Distinct enough that a near miss is a mistake and not a name of somebody's own (`nodes.read` is a fine name). */
export const mistakableNames: readonly string[] = knownCapabilityNames.filter(
  (name) => name.length > 6 && !name.startsWith('notes.'),
)
