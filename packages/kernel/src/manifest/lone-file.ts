// The manifest of a plugin that is one file: the frontmatter of a script when it has one, else a manifest that asks
// for nothing.

import { artifactKind, defaultGracefulShutdownMs, makeExecution } from './normalise.ts'
import { extractFrontmatter } from './frontmatter.ts'
import type { Manifest } from './manifest.ts'
import { type ParsedManifest, parseManifest } from './parse-manifest.ts'

/** A plugin name made of a file name: `My Tool.ts` → `my-tool`. */
export const nameOfFile = (file: string): string => {
  const base = file.split(/[/\\]/).at(-1) ?? ''
  const name = base
    .replace(/\.[^.]*$/, '')
    .toLowerCase()
    .replace(/[^a-z0-9_-]+/g, '-')
    .replace(/^[-_]+|[-_]+$/g, '')
  return name === '' ? 'plugin' : name.slice(0, 64)
}

/**
 * The manifest of a single `.js`, `.ts`, `.lua`, `.rune`, `.rn` or `.wasm` file. `text` is the script's source, for its
 * frontmatter; positions in faults are lines of the script. Without frontmatter: named after the file, version 0.0.0,
 * type `tool`, no asks. In frontmatter `name`, `version` and `type` have the same defaults, and the entry is the file.
 */
export const manifestForLoneFile = async (file: string, text?: string): Promise<ParsedManifest> => {
  const entry = file.split(/[/\\]/).at(-1) ?? file
  const language = artifactKind(entry)?.language
  const found = text === undefined || language === undefined ? undefined : extractFrontmatter(text, language)
  const defaults = { name: nameOfFile(entry), version: '0.0.0', type: 'tool' } as const
  if (found !== undefined) {
    return parseManifest({
      file,
      text: found.text,
      format: 'yaml',
      firstLine: found.line,
      defaultEntry: entry,
      defaults,
    })
  }
  const manifest: Manifest = {
    manifest: 1,
    ...defaults,
    keywords: [],
    execution: makeExecution({}, entry),
    asks: [],
    denies: [],
    actions: Object.create(null) as Manifest['actions'],
    dependencies: Object.create(null) as Manifest['dependencies'],
    activation: { events: [] },
    lifecycle: { hotReload: false, gracefulShutdownTimeoutMs: defaultGracefulShutdownMs },
  }
  return { manifest, faults: [], warnings: [] }
}
