// The event loop of a jailed cell program: what was put off to the next turn runs when the loop has taken what waits for it.
// It tidies up when there is nothing else to do, and then costs nothing.

/** What happens in a turn. */
export interface TurnWork {
  /** Before anything else. */
  begin(): void
  /** Does one piece of work that nobody waits for; answers whether there was any. */
  tidy(): boolean
}

/** How long it goes on looking for work after the last, ms: the next call often comes at once, and waking takes as long. */
const lookMs = 0.1

/** See the file's head. */
export class Loop {
  readonly #work: TurnWork
  #due: (() => void)[] = []
  #isTurning = false
  #lookUntilMs = 0

  constructor(work: TurnWork) {
    this.#work = work
  }

  /** Runs it in the next turn. */
  later(run: () => void): void {
    this.#due.push(run)
    this.wake()
  }

  /** Sees to it that there is a next turn. */
  wake(): void {
    this.#lookUntilMs = performance.now() + lookMs
    if (this.#isTurning) return
    this.#isTurning = true
    setImmediate(this.#turn)
  }

  readonly #turn = (): void => {
    this.#work.begin()
    const due = this.#due
    this.#due = []
    for (const run of due) run()
    if (due.length > 0 || performance.now() < this.#lookUntilMs || this.#work.tidy()) setImmediate(this.#turn)
    else this.#isTurning = false
  }
}
