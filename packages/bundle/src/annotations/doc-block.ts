// The tags of a doc comment: `@param`, `@return` and the like, each with its text and its line.

import type { Token } from './tokens.ts'
import { docLines, joinLines } from './doc-text.ts'

/** One tag. */
export interface DocTag {
  /** Without the `@`. */
  readonly name: string
  /** What follows it, further lines included. */
  readonly text: string
  /** 1-based line in the source. */
  readonly line: number
}

/** A doc comment, read. */
export interface DocBlock {
  readonly description: string
  readonly tags: readonly DocTag[]
  readonly line: number
}

const maxTags = 200
const tagPattern = /^\s*@([A-Za-z]\w{0,30})(?:\s+|$)/
const variantPattern = /^\s*\|/

/** Reads a doc comment. */
export const readDocBlock = (comment: Token): DocBlock => {
  const isBlock = comment.text.startsWith('/**')
  const description: string[] = []
  const tags: { name: string; lines: string[]; line: number }[] = []
  for (const [index, line] of docLines(comment.text).entries()) {
    const found = tagPattern.exec(line)
    const last = tags.at(-1)
    if (found !== null) {
      if (tags.length >= maxTags) break
      tags.push({ name: found[1] as string, lines: [line.slice(found[0].length)], line: comment.line + index })
    } else if (last === undefined) description.push(line)
    // Line comments go on with what the whole does, unless they are set in or add a variant to a union.
    else if (isBlock || variantPattern.test(line) || /^\s{3,}\S/.test(line)) last.lines.push(line)
    else description.push(line)
  }
  return {
    description: joinLines(description),
    tags: tags.map(({ name, lines, line }) => ({ name, text: lines.join('\n').trim(), line })),
    line: comment.line,
  }
}
