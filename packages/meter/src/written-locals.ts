// Which locals of a function were written so far: one that was not holds zero.

/** Locals of which it is known. */
const mostKnown = 256

/** See the file's head. One for all functions, one after the other. */
export class WrittenLocals {
  /** By local, the number of the last function that wrote it. */
  readonly #written = new Int32Array(mostKnown)
  #function = 0

  /** Another function begins. */
  begin(): void {
    this.#function++
  }

  write(local: number): void {
    if (local < mostKnown) this.#written[local] = this.#function
  }

  /** False where it is not known. */
  isUntouched(local: number): boolean {
    return local < mostKnown && this.#written[local] !== this.#function
  }
}
