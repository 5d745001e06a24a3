// The manifest inside a single-file script: YAML between two `---` lines in the first comment of the file. Only finds
// the text; parse-manifest.ts judges it.
//
//   /* ---            // ---            --[[ ---
//   name: x           // name: x        name: x
//   --- */            // ---            --- ]]
//
// Lua's editors know comments that begin with `---`, so its lines may begin with two dashes or with three.

import type { Language } from './manifest.ts'

/** Frontmatter as it stands in a script. */
export interface Frontmatter {
  /** The YAML, comment marks removed; columns may be off by the marks, lines are not. */
  readonly text: string
  /** Line of the script on which `text` starts, 1-based. */
  readonly line: number
  readonly format: 'yaml'
}

interface CommentSyntax {
  readonly line: string
  /** Another way to begin a line, which then all lines of the frontmatter do. */
  readonly longLine?: string
  readonly open: RegExp
  readonly close: RegExp
  /** Decoration that authors put before each line of a block comment. */
  readonly gutter: RegExp
}

const slashes: CommentSyntax = { line: '//', open: /^\/\*+\s*---$/, close: /^\*?\s*---\s*\*+\/$/, gutter: /^ \*( |$)/ }
const dashes: CommentSyntax = {
  line: '--',
  longLine: '---',
  open: /^--\[\[\s*---$/,
  close: /^---\s*(?:--)?\]\]$/,
  gutter: /^(?!)/,
}
const syntaxOf = (language: Language): CommentSyntax => (language === 'lua' ? dashes : slashes)

/** Most lines before the frontmatter: a `#!` line, blank lines, `// @ts-check` and the like. */
const maxLeadingLines = 20

/**
 * Finds the frontmatter of a script: at its top, after at most a `#!` line, blank lines and other line comments.
 * Undefined when there is none. Frontmatter that is not closed is returned to the end of its comment, so that its
 * absence of an end shows as a fault and not as a plugin that asks for nothing.
 */
export const extractFrontmatter = (script: string, language: Language): Frontmatter | undefined => {
  const syntax = syntaxOf(language)
  const lines = script.replace(/^\ufeff/, '').split(/\r?\n/, 20_000)
  for (let index = 0; index < Math.min(lines.length, maxLeadingLines); index++) {
    const line = (lines[index] ?? '').trim()
    if (syntax.open.test(line)) return fromBlock(lines, index + 1, syntax)
    const mark = fenceMark(line, syntax)
    if (mark !== undefined) return fromLines(lines, index + 1, mark)
    const skipped = line === '' || line.startsWith(syntax.line) || (index === 0 && line.startsWith('#!'))
    if (!skipped) return undefined
  }
  return undefined
}

/** How the line of a fence begins; undefined for any other line. */
const fenceMark = (line: string, { line: mark, longLine }: CommentSyntax): string | undefined => {
  // With a space, for a ruled line of dashes is no fence.
  if (longLine !== undefined && line.startsWith(`${longLine} `) && isFence(line, longLine)) return longLine
  return isFence(line, mark) ? mark : undefined
}

const isFence = (line: string, mark: string): boolean =>
  line.startsWith(mark) && line.slice(mark.length).trim() === '---'

const fromBlock = (lines: readonly string[], start: number, syntax: CommentSyntax): Frontmatter => {
  const closing = lines.findIndex((line, index) => index >= start && syntax.close.test(line.trim()))
  const end = closing === -1 ? lines.length : closing
  const inner = lines.slice(start, end)
  const guttered = inner.length > 0 && inner.every((line) => line.trim() === '' || syntax.gutter.test(line))
  const text = inner.map((line) => (guttered ? line.replace(syntax.gutter, '') : line)).join('\n')
  return { text, line: start + 1, format: 'yaml' }
}

const fromLines = (lines: readonly string[], start: number, mark: string): Frontmatter => {
  const text: string[] = []
  for (const line of lines.slice(start)) {
    const trimmed = line.trim()
    if (!trimmed.startsWith(mark) || isFence(trimmed, mark)) break
    text.push(trimmed.slice(mark.length).replace(/^ /, ''))
  }
  return { text: text.join('\n'), line: start + 1, format: 'yaml' }
}
