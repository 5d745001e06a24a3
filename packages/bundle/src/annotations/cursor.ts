// Walks a list of tokens. Past the end there is nothing, however far one looks.

import type { Token } from './tokens.ts'

const openers: Readonly<Record<string, string>> = { '(': ')', '[': ']', '{': '}' }
const closers = new Set(Object.values(openers))

/** How often each token may be passed over, on average. What never closes is looked at to the end, once for each beginning. */
const passesPerToken = 20

/** A place in a list of tokens. */
export class Cursor {
  readonly tokens: readonly Token[]
  index = 0
  #stepsLeft: number

  constructor(tokens: readonly Token[]) {
    this.tokens = tokens
    this.#stepsLeft = 10_000 + passesPerToken * tokens.length
  }

  get token(): Token | undefined {
    return this.tokens[this.index]
  }

  get isAtEnd(): boolean {
    return this.index >= this.tokens.length
  }

  /** Whether the token here, or further on, is that mark or word. */
  is(text: string, ahead = 0): boolean {
    const token = this.tokens[this.index + ahead]
    return token?.text === text && token.kind !== 'string' && token.kind !== 'doc'
  }

  /** Takes that mark or word if it is here. */
  take(text: string): boolean {
    if (!this.is(text)) return false
    this.index++
    return true
  }

  /** Takes a name if one is here. */
  takeName(): string | undefined {
    const token = this.token
    if (token?.kind !== 'name') return undefined
    this.index++
    return token.text
  }

  /** Goes one token on. Whatever may be gone over again goes this way. @throws Error when the source is gone over too often */
  step(): void {
    if (--this.#stepsLeft < 0) throw new Error('too much in it is never closed')
    this.index++
  }

  /** From an opening bracket to just past its closing one; one token on when no bracket is here. @throws Error as `step` */
  skipGroup(): void {
    let depth = 0
    while (this.index < this.tokens.length) {
      const { text, kind } = this.tokens[this.index] as Token
      this.step()
      if (kind !== 'mark') {
        if (depth === 0) return
        continue
      }
      if (openers[text] !== undefined) depth++
      else if (closers.has(text)) depth--
      if (depth <= 0) return
    }
  }
}

/** The comment that stands right above the token at `index`, if one does. */
export const docAbove = (tokens: readonly Token[], index: number): Token | undefined => {
  const [above, token] = [tokens[index - 1], tokens[index]]
  return above?.kind === 'doc' && token !== undefined && above.endLine >= token.line - 1 ? above : undefined
}
