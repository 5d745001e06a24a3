// Slugs and outlines of Markdown.

/** A heading with its place in the text. */
export interface Heading {
  readonly level: number
  readonly title: string
  readonly slug: string
  /** First line is 1. */
  readonly line: number
}

/** Turns a title into a part of an address: `Crème brûlée!` becomes `creme-brulee`. */
export const slugify = (title: string, maxLength = 80): string => {
  const words = title
    .normalize('NFKD')
    .replace(/\p{M}+/gu, '')
    .toLowerCase()
    .replace(/ß/g, 'ss')
    .replace(/æ/g, 'ae')
    .replace(/ø/g, 'o')
    .replace(/['’]/g, '')
    .match(/[\p{L}\p{N}]+/gu)
  let slug = ''
  for (const word of words ?? []) {
    const longer = slug === '' ? word : `${slug}-${word}`
    if (longer.length > maxLength) return slug === '' ? word.slice(0, maxLength) : slug
    slug = longer
  }
  return slug
}

/** Headings of a Markdown text (`# Title` form, code blocks skipped); a slug that comes again gets `-2`, `-3`, … */
export const outline = (markdown: string): Heading[] => {
  const headings: Heading[] = []
  const seen = new Map<string, number>()
  let fence = ''
  for (const [index, line] of markdown.split(/\r?\n/).entries()) {
    const mark = /^ {0,3}(`{3,}|~{3,})/.exec(line)?.[1]
    if (mark !== undefined && (fence === '' || (mark.startsWith(fence[0] ?? '') && mark.length >= fence.length))) {
      fence = fence === '' ? mark : ''
      continue
    }
    const match = fence === '' ? /^ {0,3}(#{1,6})[ \t]+(.*?)[ \t]*#*[ \t]*$/.exec(line) : null
    if (match === null) continue
    const title = match[2] ?? ''
    const slug = slugify(title)
    const count = (seen.get(slug) ?? 0) + 1
    seen.set(slug, count)
    headings.push({
      level: match[1]?.length ?? 1,
      title,
      slug: count === 1 ? slug : `${slug}-${count}`,
      line: index + 1,
    })
  }
  return headings
}
