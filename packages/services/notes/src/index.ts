// Public face of the note vault.

export type { Embedder } from './embedder.ts'
export { makeNotesFunctions } from './functions/index.ts'
export { openVaults, type Vaults, type VaultsOptions } from './vaults-node.ts'
