// Lengths of blocks by their offsets. Most calls have an input, an output and little else: the first few lie in two plain
// lists, which cost nothing to forget; a map, which makes itself anew as it shrinks, takes the rest.

/** Blocks in the lists. Looking through them takes no longer than a map does. */
const few = 8

/** See the file's head. */
export class BlockTable {
  readonly #offsets = Array.from({ length: few }, () => 0)
  readonly #lengths = Array.from({ length: few }, () => 0)
  #listed = 0
  readonly #others = new Map<number, number>()

  get size(): number {
    return this.#listed + this.#others.size
  }

  /** Length of the block at an offset; undefined when there is none. */
  get(offset: number): number | undefined {
    const index = this.#indexOf(offset)
    return index < 0 ? this.#others.get(offset) : this.#lengths[index]
  }

  /** A block that is not there yet. */
  add(offset: number, length: number): void {
    if (this.#listed === few) {
      this.#others.set(offset, length)
      return
    }
    this.#offsets[this.#listed] = offset
    this.#lengths[this.#listed] = length
    this.#listed++
  }

  delete(offset: number): void {
    const index = this.#indexOf(offset)
    if (index < 0) {
      this.#others.delete(offset)
      return
    }
    const last = --this.#listed
    this.#offsets[index] = this.#offsets[last] as number
    this.#lengths[index] = this.#lengths[last] as number
  }

  clear(): void {
    this.#listed = 0
    if (this.#others.size > 0) this.#others.clear()
  }

  #indexOf(offset: number): number {
    for (let index = 0; index < this.#listed; index++) if (this.#offsets[index] === offset) return index
    return -1
  }
}
