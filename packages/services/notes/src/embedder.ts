// The port of whatever turns text into vectors for semantic search. The vault knows nothing of how it is done: a table that
// is shipped, a model of the user's own, a server. Nothing is computed here.

/** Turns texts into vectors in which a small angle means that they are about the same thing. */
export interface Embedder {
  /** Names the model and its version: vectors of another id are thrown away, and made anew. At most 200 characters. */
  readonly id: string
  /** Length of every vector, 1 to 1024. */
  readonly dimensions: number
  /**
   * One vector of unit length for each text, in order; all zeros for a text that says nothing to the model. Texts are passages
   * of notes (a few thousand characters at most) and queries, and as hostile as their authors.
   */
  embed(texts: readonly string[]): Promise<readonly Float32Array[]> | readonly Float32Array[]
}
