import { expect, test } from 'vitest'
import type { AnnotatedLanguage } from './annotation.ts'
import { readAnnotations } from './read-annotations.ts'

const warned = (language: AnnotatedLanguage, source: string) =>
  readAnnotations(language, source).warnings.map(({ line, message }) => `${line}: ${message}`)

test.each<[AnnotatedLanguage, string, string]>([
  ['javascript', 'function a() {}', '1: nothing is exported, so there is no action: write export before a function'],
  [
    'typescript',
    '// export\nconst a = "export"',
    '1: nothing is exported, so there is no action: write export before a function',
  ],
  ['rune', 'fn a() { "pub" }', '1: nothing is public, so there is no action: write pub before fn'],
  [
    'lua',
    '\nlocal function a() end',
    '2: a is local, and so are all functions: none is an action. Return a table of them, or leave out local',
  ],
])('a file in %s that keeps all of its functions to itself is warned of', (language, source, warning) => {
  expect(warned(language, source)).toEqual([warning])
})

test.each<[AnnotatedLanguage, string]>([
  ['javascript', 'export * from "./other.js"'],
  ['javascript', 'const plugin = {}\nexport default plugin'],
  ['javascript', 'exports.a = () => 1'],
  ['typescript', 'import { definePlugin } from "@bulkhead/sdk"\nexport default definePlugin({ actions: {} })'],
  ['rune', 'pub use other::a;'],
  ['lua', 'local function a() end\nreturn { a = a }'],
  ['lua', 'local function a() end\nreturn setmetatable({}, {})'],
  ['lua', 'local function a() end\nfunction b() a() end'],
  ['lua', 'for name in pairs(list) do _G[name] = function() end end'],
])('a file in %s whose actions may be made in a way that is not read has no warning: %s', (language, source) => {
  expect(warned(language, source)).toEqual([])
})
