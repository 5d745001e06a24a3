// From the text of a manifest to the normalised manifest, or to all of its faults at once. Reads no file, and believes
// nothing: size and depth are capped before anything else looks at the text.

import { BulkheadError } from '../errors.ts'
import { escapeLine } from '../text/escape.ts'
import { checkTree, type ManifestDefaults } from './check-tree.ts'
import { type FieldPath, fieldName, type ManifestFault, type ManifestWarning } from './fault.ts'
import type { Manifest } from './manifest.ts'
import { readPlainYaml } from './read-plain-yaml.ts'
import { maxFaults, maxManifestBytes, Positions, type SourceTree, type SyntaxFault } from './source-tree.ts'

/** How a manifest is written. */
export type ManifestFormat = 'yaml' | 'toml' | 'json'

/** A manifest's text. */
export interface ManifestSource {
  /** Path or name for messages; its extension gives the format when `format` is absent. */
  readonly file: string
  readonly text: string
  readonly format?: ManifestFormat
  /** Line of `file` on which `text` starts, 1-based; for frontmatter. */
  readonly firstLine?: number
  /** Entry to take when the manifest names none; for frontmatter, the script itself. */
  readonly defaultEntry?: string
  /** Fields to take when the manifest lacks them; for frontmatter, what the file name says. */
  readonly defaults?: ManifestDefaults
}

/** What came of a manifest. `manifest` is present exactly when there are no faults. */
export interface ParsedManifest {
  readonly manifest?: Manifest
  readonly faults: readonly ManifestFault[]
  readonly warnings: readonly ManifestWarning[]
}

/** The format that a file name says: `.toml`, `.json`, else YAML. */
export const manifestFormat = (file: string): ManifestFormat =>
  /\.toml$/i.test(file) ? 'toml' : /\.json$/i.test(file) ? 'json' : 'yaml'

/** Parses and checks a manifest. Never throws: whatever is wrong is in `faults`, all at once, in the order of lines. */
export const parseManifest = async (source: ManifestSource): Promise<ParsedManifest> =>
  parsePlain(source) ?? (await parseInFull(source))

/**
 * The short way of a manifest that nothing can be said about. Where there is a fault or a warning, the long way starts
 * from the beginning: it alone knows places.
 */
const parsePlain = (source: ManifestSource): ParsedManifest | undefined => {
  if ((source.format ?? manifestFormat(source.file)) !== 'yaml') return undefined
  const value = readPlainYaml(source.text)
  if (value === undefined) return undefined
  const { manifest, faults, warnings } = checkTree(value, source)
  return manifest === undefined || faults.length + warnings.length > 0
    ? undefined
    : { manifest, faults: [], warnings: [] }
}

const parseInFull = async (source: ManifestSource): Promise<ParsedManifest> => {
  const read = await readTree(source)
  const tree = { ...read, faults: read.faults.slice(0, maxFaults) }
  const found: SyntaxFault[] = [...tree.faults]
  const warned: { path: FieldPath; message: string }[] = []
  let manifest: Manifest | undefined
  if (tree.value !== undefined) {
    const checked = checkTree(tree.value, source)
    found.push(...checked.faults.filter((fault) => !isTainted(fault.path, tree.faults)))
    warned.push(...checked.warnings)
    manifest = checked.manifest
  }
  const shift = (source.firstLine ?? 1) - 1
  const lineOf = (path: FieldPath) => tree.positions.find(path).line + shift
  const faults = found.slice(0, maxFaults).map((fault): ManifestFault => {
    const at = fault.at ?? tree.positions.find(fault.path)
    return {
      file: source.file,
      line: at.line + shift,
      column: at.column,
      field: fieldName(fault.path),
      message: fault.message,
      mend: fault.mend,
    }
  })
  faults.sort((a, b) => a.line - b.line || (a.column ?? 0) - (b.column ?? 0))
  const warnings = warned.map(({ path, message }) => ({
    file: source.file,
    line: lineOf(path),
    field: fieldName(path),
    message,
  }))
  return { ...(manifest === undefined || faults.length > 0 ? {} : { manifest }), faults, warnings }
}

/**
 * Parses a manifest that must be good.
 * @throws BulkheadError `manifest.invalid` (every fault with its line, also as `details.faults`), `manifest.too-large`
 */
export const requireManifest = async (source: ManifestSource): Promise<Manifest> => {
  const { manifest, faults } = await parseManifest(source)
  if (manifest !== undefined) return manifest
  const lines = faults.map((fault) => `  ${formatFault(fault)}`)
  const count = faults.length === 1 ? 'a fault' : `${faults.length} faults`
  const code = faults.some((fault) => fault.message.startsWith(tooLarge)) ? 'manifest.too-large' : 'manifest.invalid'
  throw new BulkheadError(code, `${escapeLine(source.file)} has ${count}:\n${lines.join('\n')}`, {
    details: { faults: faults.map((fault) => ({ ...fault })) },
  })
}

/** One fault on one line: `plugin.yaml:3: type is "tol", …. Did you mean tool?` Escaped for a terminal. */
export const formatFault = (fault: ManifestFault): string => {
  const subject = fault.field === '' ? 'the manifest' : fault.field
  return escapeLine(`${fault.file}:${fault.line}: ${subject} ${fault.message}. ${fault.mend}`, 1000)
}

const tooLarge = 'is larger than'

/** A parser is loaded for the first text that needs it; plain YAML needs none. */
const readers = {
  yaml: async () => (await import('./read-yaml.ts')).readYaml,
  toml: async () => (await import('./read-toml.ts')).readToml,
  json: async () => (await import('./read-json.ts')).readJson,
}

const readTree = async (source: ManifestSource): Promise<SourceTree> => {
  const text = source.text.startsWith('\ufeff') ? source.text.slice(1) : source.text
  if (text.length > maxManifestBytes || new TextEncoder().encode(text).length > maxManifestBytes) {
    const message = `${tooLarge} ${maxManifestBytes / 1024} KiB`
    const mend = 'Move long texts and schemas out of the manifest.'
    return { value: undefined, positions: new Positions(), faults: [{ path: [], message, mend }] }
  }
  const read = await readers[source.format ?? manifestFormat(source.file)]()
  return read(text)
}

/** A field with a fault of syntax is not blamed a second time for its value. */
const isTainted = (path: FieldPath, faults: readonly SyntaxFault[]): boolean =>
  faults.some((fault) => fault.path.length > 0 && fault.path.every((part, index) => part === path[index]))
