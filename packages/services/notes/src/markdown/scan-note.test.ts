import fc from 'fast-check'
import { expect, test } from 'vitest'
import { cutPassages } from '../index/passages.ts'
import { findLinks, maxLinks } from './links.ts'
import { maskMarkdown } from './mask.ts'
import { maxScanned, scanNote } from './scan-note.ts'

const linksOf = (text: string) =>
  findLinks(text, maskMarkdown(text)).links.map(({ target, anchor, alias, isEmbed }) =>
    [isEmbed ? '!' : '', target, anchor, alias === null ? '' : `|${alias}`].join(''),
  )

test.each([
  ['[[Note]]', ['Note']],
  ['[[folder/Note#Heading]] [[Note#^block]]', ['folder/Note#Heading', 'Note#^block']],
  ['[[Note|the alias]] ![[Picture]]', ['Note|the alias', '!Picture']],
  ['| [[Note\\|in a table]] |', ['Note|in a table']],
  ['[[#Heading]] [[ ]] [[]]', []],
  ['[[[Note]]]', ['Note']],
  ['[[open [[Note]]', ['Note']],
  ['[[two\nlines]]', []],
  ['\\[[Note]]', []],
  ['[x](other.md) [x](sub/other.md#Part)', ['other.md|x', 'sub/other.md#Part|x']],
  ['[x](a%20b.md) [x](<a b.md>) [x](a(1).md)', ['a b.md|x', 'a b.md|x', 'a(1).md|x']],
  ['[x](other.md "title") ![x](other.md)', ['other.md|x', '!other.md|x']],
  ['[x](https://a.example/b.md) [x](mailto:a@b) [x](picture.png) [x](#part)', []],
  ['[ref]: other.md\n[^1]: other.md', ['other.md|ref']],
  ['`[[Code]]` ``[[Co`de]]`` [[Note]]', ['Note']],
  ['`over\nlines [[Code]]` [[Note]]', ['Note']],
  ['`not closed\n\n[[Note]]`', ['Note']],
  ['```\n[[Code]]\n```\n[[Note]]', ['Note']],
  ['~~~~md\n[[Code]]\n~~~\n[[Code]]\n~~~~\n[[Note]]', ['Note']],
  ['- ```\n  [[Code]]\n  ```\n- [[Note]]', ['Note']],
  ['> ```\n> [[Code]]\n> ```\n> [[Note]]', ['Note']],
  ['text\n\n    [[Code]]\n\ntext [[Note]]', ['Note']],
  ['- item\n\n    [[Note]]', ['Note']],
  ['text\n    [[Note]]', ['Note']],
  ['<!-- [[No]] --> [[Note]] %% [[No]] %% [[Note]]', ['Note', 'Note']],
  ['<!-- over\n\nlines [[No]] --> [[Note]]', ['Note']],
  ['```\nnever closed [[Code]]', []],
])('links of %j', (text, expected) => {
  expect(linksOf(text)).toEqual(expected)
})

test('the place of a link is that of its target', () => {
  fc.assert(
    fc.property(
      fc.array(
        fc.constantFrom('[[', ']]', '](', ')', '|', '#', '`', '\n', 'a', ' ', '![', '<!--', '-->', '%%', '.md'),
        { maxLength: 60 },
      ),
      (parts) => {
        const text = parts.join('')
        const masked = maskMarkdown(text)
        expect(masked).toHaveLength(text.length)
        for (const { start, end, target, kind } of findLinks(text, masked).links) {
          if (kind === 'wiki') expect(text.slice(start, end)).toBe(target)
          expect(end).toBeGreaterThan(start)
        }
      },
    ),
    { numRuns: 2000 },
  )
})

test('frontmatter, title, aliases and tags', () => {
  const text =
    '---\ntitle: The title\naliases: [One, Two]\ntags:\n  - a/b\n  - C\nsee: "[[Other]]"\n---\n# Heading\n\n#tag (#x) a#no `#no` #12 #a-1 [[Note#no]]\n'
  expect(scanNote('F/N.md', text)).toMatchObject({
    title: 'The title',
    aliases: ['One', 'Two'],
    tags: ['a/b', 'C', 'tag', 'x', 'a-1'],
    frontmatter: { title: 'The title', see: '[[Other]]' },
    fault: undefined,
  })
  expect(scanNote('F/N.md', text).links.map(({ target }) => target)).toEqual(['Other', 'Note'])
  expect(scanNote('F/N.md', 'text\n# First #\n# Second').title).toBe('First')
  expect(scanNote('F/N.md', 'text').title).toBe('N')
})

test.each([
  ['a: &x [1]\nb: *x', /anchor/],
  ['a: !!js/function x', /tag/],
  ['a: [', /YAML/],
  ['a: 1\na: 2', /twice/],
  [`${'['.repeat(200)}${']'.repeat(200)}`, /deeper/],
  ['- a', /table/],
])('frontmatter %j is told, and the note is one without', (yaml, fault) => {
  const note = scanNote('N.md', `---\n${yaml}\n---\n[[Note]]`)
  expect(note.frontmatter).toBeNull()
  expect(note.fault).toMatch(fault)
  expect(note.links).toHaveLength(1)
})

/** A text of each kind that patterns and parsers fear, about so long. */
const hostile: Readonly<Record<string, (length: number) => string>> = {
  'open brackets': (length) => '['.repeat(length),
  'open wikilinks on lines': (length) => '[[a\n'.repeat(length / 4),
  'links without end': (length) => ']('.repeat(length / 2),
  'links in angle brackets without end': (length) => '](<'.repeat(length / 3),
  labels: (length) => 'x](a:b) '.repeat(length / 8),
  definitions: (length) => '[a]: '.repeat(length / 5),
  'backtick runs of every length': (length) =>
    Array.from({ length: Math.floor(Math.sqrt(length * 2)) }, (_, index) => '`'.repeat(index)).join(' '),
  'spans over comments': (length) => '<!--\n-->`'.repeat(length / 9),
  comments: (length) => '%%'.repeat(length / 2 + 1),
  'open comments': (length) => '<!--'.repeat(length / 4),
  'one line of words': (length) => 'word '.repeat(length / 5),
  'headings of marks': (length) => `# ${'#'.repeat(900)} x\n`.repeat(length / 905),
  spaces: (length) => `#${' '.repeat(length)}`,
  'blank lines': (length) => `\`${' \n'.repeat(length / 2)}`,
  tags: (length) => '#a '.repeat(length / 3),
  'list marks': (length) => '- '.repeat(length / 2),
  quotes: (length) => '> '.repeat(length / 2),
  'frontmatter of slashes': (length) => `---\ntags: ${'/'.repeat(Math.min(length, 60_000))}a\n---\n`,
}

test.each(Object.keys(hostile))('the time for %s grows with its length and no faster', (name) => {
  const time = (length: number): number => {
    const text = hostile[name]?.(length) ?? ''
    const rounds = [0, 1, 2].map(() => {
      // Of this thread alone: what else the machine does is not counted.
      const before = process.threadCpuUsage()
      scanNote('N.md', text)
      const { user, system } = process.threadCpuUsage(before)
      return (user + system) / 1000
    })
    return Math.max(1, Math.min(...rounds))
  }
  time(20_000)
  // Sixteen times the text: about sixteen times the time; with a square in it, 256 times.
  expect(time(1_600_000) / time(100_000)).toBeLessThan(90)
})

test('a note is looked at so far and no further, and says so', () => {
  const line = '[[In]] #in text\n'
  const text = `# Title\n${line.repeat(Math.ceil(maxScanned / line.length))}# Late\n[[Out]] #out\n`
  const note = scanNote('N.md', text)
  expect(note.bodyEnd).toBeLessThanOrEqual(maxScanned)
  expect(text.slice(0, note.bodyEnd).endsWith('\n')).toBe(true)
  expect(note.tags).toEqual(['in'])
  expect(note.headings.map((heading) => heading.text)).toEqual(['Title'])
  expect(note.links).toHaveLength(maxLinks)
  expect(note.fault).toBe(
    `longer than ${maxScanned} characters; the rest is left out; more than ${maxLinks} links; the rest is left out`,
  )
  const words = `${'word '.repeat(maxScanned)}late`
  expect(cutPassages(words, scanNote('N.md', words)).every(({ start }) => start < maxScanned)).toBe(true)
  expect(scanNote('N.md', line).fault).toBeUndefined()
})
