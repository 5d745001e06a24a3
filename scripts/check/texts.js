// Checks on texts: file sizes, words that do not belong here, links that lead nowhere.

import { existsSync, readFileSync } from 'node:fs'
import { dirname, join, normalize } from 'node:path'
import { rootFolder } from './run-tool.js'
import { trackedFiles } from './tracked-files.js'

const mostLines = 300

/** Tables, and the reason for each. */
const tables = new Map([['packages/kernel/src/errors.ts', 'the closed table of error codes']])

/** A path of a machine; tests may make some up. */
const ownPath = /(?:^|[\s"'`(=])\/(?:work|root|home\/\w+|Users\/\w+)\//m
const inTests = /\.test\.ts$|(?:fakes?|fake-status)\.ts$/

/** What must not stand in a text, and what to do instead. */
const unwanted = [
  [/^(?:<<<<<<<|>>>>>>>) /m, 'a merge conflict'],
  [ownPath, 'a path of somebody’s own machine'],
  [/\bregistry\.[\w-]+\.(?:org|com|io|dev)\b/i, 'the host of a package registry: npm knows its own'],
  [
    /\b(?:blazing(?:ly)?|seamless(?:ly)?|cutting-edge|world-class|best-in-class|game-chang\w+|supercharge\w*)\b/i,
    'an advertisement',
  ],
  [/\b(?:TODO|FIXME|XXX)\b/, 'a note to self: do it, or open an issue'],
]

const unwantedNames = /(?:^|\/)(?:utils?|helpers?|common|misc)(?:\/|\.[jt]s$)/
const texts = /\.(?:ts|js|mjs|md|ya?ml|toml|json|sh|lua|rune)$|(?:^|\/)\.ci\/run$/
const read = (path) => readFileSync(join(rootFolder, path), 'utf8')

/** @returns {string[]} faults */
export const checkSizes = () =>
  trackedFiles()
    .filter((path) => /\.(?:ts|js|mjs)$/.test(path) && !/\.test\.ts$|\.d\.ts$/.test(path) && !tables.has(path))
    .map((path) => [path, read(path).trimEnd().split('\n').length])
    .filter(([, lines]) => lines > mostLines)
    .map(([path, lines]) => `${path}: ${lines} lines; past ${mostLines} a file holds two ideas: name them`)

/** @returns {string[]} faults */
export const checkWords = () =>
  trackedFiles().flatMap((path) => {
    const faults = unwantedNames.test(path) ? [`${path}: a name that says nothing; name the idea`] : []
    if (!texts.test(path) || path === 'package-lock.json' || path.startsWith('scripts/check/')) return faults
    const text = read(path)
    for (const [pattern, what] of unwanted) {
      if (pattern === ownPath && inTests.test(path)) continue
      const found = pattern.exec(text)
      if (found === null) continue
      const line = text.slice(0, found.index + found[0].length - found[0].trimStart().length).split('\n').length
      faults.push(`${path}:${line}: ${what} (${found[0].trim()})`)
    }
    return faults
  })

/** @returns {string[]} faults */
export const checkLinks = () =>
  trackedFiles()
    .filter((path) => path.endsWith('.md'))
    .flatMap((path) => {
      const prose = read(path)
        .replace(/^(`{3,}).*?^\1/gms, '')
        .replace(/`[^`\n]*`/g, '')
      return [...prose.matchAll(/\]\(([^)\s]+)\)/g)]
        .map(([, target]) => target)
        .filter((target) => !/^(?:[a-z]+:|#)/i.test(target))
        .filter(
          (target) => !existsSync(join(rootFolder, normalize(join(dirname(path), decodeURI(target.split('#')[0]))))),
        )
        .map((target) => `${path}: the link ${target} leads nowhere`)
    })
