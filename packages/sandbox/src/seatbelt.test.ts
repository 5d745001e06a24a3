// A reader of the profile language as strict as its grammar: what a path says must come out as one text, in one rule, at its place.

import fc from 'fast-check'
import { expect, test } from 'vitest'
import type { Confinement } from './confinement.ts'
import { makeSeatbeltProfile } from './seatbelt.ts'

const plain: Confinement = {
  argv: ['/usr/bin/true'],
  workingFolder: '/tmp',
  readable: [],
  writable: [],
  sockets: [],
  environment: {},
  system: 'none',
  network: 'none',
  tmpBytes: 4096,
  limits: { memoryBytes: 1 << 26, cpuSeconds: 5, processes: 16, openFiles: 64, fileSizeBytes: 1 << 20 },
}

type Form = readonly (Form | string)[]

/** Reads forms; a text stands as itself with a quote in front, a word as itself. */
const parse = (profile: string): Form => {
  let at = 0
  const form = (): Form => {
    const members: (Form | string)[] = []
    for (;;) {
      const next = profile[at]
      if (next === undefined || next === ')') return members
      if (/\s/.test(next)) at++
      else if (next === '(') {
        at++
        members.push(form())
        expect(profile[at++]).toBe(')')
      } else if (next === '"') {
        let text = '"'
        for (at++; profile[at] !== '"'; at++) {
          if (profile[at] === '\\') at++
          expect(profile[at]).toBeDefined()
          text += profile[at]
        }
        at++
        members.push(text)
      } else {
        const word = /^[^\s()"]+/.exec(profile.slice(at))?.[0] as string
        at += word.length
        members.push(word)
      }
    }
  }
  const forms = form()
  expect(at).toBe(profile.length)
  return forms
}

const profile = (part: Partial<Confinement>): Form =>
  parse(makeSeatbeltProfile({ ...plain, ...part }, '/private/tmp/own'))
const rules = (part: Partial<Confinement>): string[] => profile(part).map((form) => JSON.stringify(form))

test('everything is denied that is not allowed by name', () => {
  const forms = profile({})
  expect(forms.slice(0, 2)).toEqual([
    ['version', '1'],
    ['deny', 'default'],
  ])
  const allowed = JSON.stringify(forms.filter(([word]) => word === 'allow'))
  expect(allowed).not.toMatch(/mach-lookup|iokit|network|"\/Users|"subpath","\\"\/"/)
  expect(rules({}).filter((rule) => rule.includes('file-write*'))).toEqual([
    JSON.stringify(['allow', 'file-write*', ['subpath', '"/private/tmp/own']]),
  ])
})

const odd = [
  '/data/"quoted"',
  '/data/x") (allow default) ("',
  '/data/(parens)',
  '/data/back\\slash',
  '/data/ends in \\',
  '/data/;comment',
  '/data/#"raw',
  '/data/$(id) `id`',
  '/data/“ünï”',
]

test.each(odd)('the path %s stays one text', (path) => {
  const forms = profile({ readable: [path], writable: [`${path}/w`], hidden: [`${path}/h`], sockets: [`${path}/s`] })
  expect(forms.filter(([word]) => word === 'deny' || word === 'allow' || word === 'version')).toHaveLength(forms.length)
  expect(forms).toContainEqual(['allow', 'network-outbound', ['literal', `"${path}/s`]])
  expect(forms.at(-1)).toEqual(['deny', 'file-read*', 'file-write*', ['subpath', `"${path}/h`]])
  expect(JSON.stringify(forms)).not.toContain('["allow","default"]')
})

test('whatever a path holds, the profile has the same rules', () => {
  const shape = (path: string): string[] =>
    profile({ readable: [path] }).map((form) => `${String(form[0])} ${String(form[1])}`)
  const expected = shape('/data/plain')
  const name = fc
    .string({ unit: 'grapheme', minLength: 1, maxLength: 40 })
    .filter((text) => !/[/\0-\x1f\x7f]|^\.{1,2}$/.test(text))
  fc.assert(
    fc.property(name, (text) => {
      expect(shape(`/data/${text}`)).toEqual(expected)
    }),
  )
})

test.each(['\n', '\r', '\t', '\x1b', '\x7f'])('a path with the control character %j is refused', (character) => {
  expect(() => profile({ readable: [`/data/a${character}(allow default)`] })).toThrow(
    expect.objectContaining({ code: 'sandbox.invalid' }),
  )
})

test('what is narrower stands behind what is wider', () => {
  const all = rules({ writable: ['/a'], readable: ['/a/b'], hidden: ['/a/c'] })
  const at = (text: string): number => all.findIndex((rule) => rule.includes(text))
  expect(at('["allow","file-write*"')).toBeLessThan(at('["deny","file-write*",["subpath","\\"/a/b"]]'))
  expect(at('["deny","file-write*"')).toBeLessThan(at('["deny","file-read*","file-write*",["subpath","\\"/a/c"]]'))
})

test('the network is what was asked for', () => {
  const networks = (network: Confinement['network']): string[] =>
    rules({ network }).filter((rule) => rule.includes('network'))
  expect(networks('none')).toEqual([])
  expect(networks('loopback')).toEqual(['["allow","network*",["local","ip","\\"localhost:*"]]'])
  expect(networks('host')).toEqual(['["allow","network*"]'])
})

test('files out of memory cannot be made', () => {
  expect(() => profile({ files: [{ path: '/plugin/x', bytes: new Uint8Array() }] })).toThrow(/makes none/)
})
