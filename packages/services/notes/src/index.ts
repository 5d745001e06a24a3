// Public face of the note vault.

export type { Embedder } from './embedder.ts'
