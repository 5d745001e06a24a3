// Where the bundler's sources come from. One interface, so that the rules of what may be imported are written once and
// tested without a disk.

/** The files of one plugin. Paths are relative to its folder, with forward slashes, and contain no `..`. */
export interface SourceTree {
  /**
   * Bytes of a regular file; undefined when there is none.
   * @throws BulkheadError `artifact.outside` when a link leads out of the folder, `artifact.too-large`
   */
  read(path: string): Promise<Uint8Array | undefined>
}

/** A tree of files in memory: a lone file, or sources that were pinned before. */
export const makeMemoryTree = (files: ReadonlyMap<string, Uint8Array>): SourceTree => ({
  read: async (path) => files.get(path),
})
