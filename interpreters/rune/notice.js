// The NOTICE beside rune.wasm: every crate that is compiled into it, its licence, and the licences' texts.

import { readdirSync, readFileSync } from 'node:fs'
import { dirname, join } from 'node:path'

/** Files that hold a licence's text or a copyright notice. */
const isLicence = (name) =>
  /^(?:licen[cs]e|copying|copyright|notice|unlicense)/i.test(name) && !/\.(?:rs|toml|json)$/.test(name)

/** Crates that are in the module: what ours depends on, without what runs while building only. */
const compiledIn = ({ packages, resolve }) => {
  const byId = new Map(packages.map((one) => [one.id, one]))
  const nodes = new Map(resolve.nodes.map((node) => [node.id, node]))
  const found = new Map()
  const visit = (id) => {
    const one = byId.get(id)
    if (found.has(id) || one.targets.some(({ kind }) => kind.includes('proc-macro'))) return
    found.set(id, one)
    for (const { pkg, dep_kinds: kinds } of nodes.get(id).deps) if (kinds.some(({ kind }) => kind === null)) visit(pkg)
  }
  visit(resolve.root)
  found.delete(resolve.root)
  return [...found.values()].sort((a, b) =>
    a.name < b.name ? -1 : a.name > b.name ? 1 : a.version < b.version ? -1 : 1,
  )
}

/** The text of the NOTICE for what `cargo metadata` says. */
export const notice = (metadata) => {
  const crates = compiledIn(metadata)
  const texts = new Map()
  for (const { name, manifest_path: manifest } of crates) {
    const folder = dirname(manifest)
    for (const file of readdirSync(folder).filter(isLicence).sort()) {
      const text = readFileSync(join(folder, file), 'utf8').replaceAll('\r\n', '\n').trim()
      texts.set(text, [...(texts.get(text) ?? []), name])
    }
  }
  const list = crates.map(({ name, version, license, repository }) =>
    `  ${name} ${version} (${license}) ${repository ?? ''}`.trimEnd(),
  )
  const parts = [...texts].map(
    ([text, names]) => `${'='.repeat(80)}\nOf ${[...new Set(names)].join(', ')}:\n\n${text}\n`,
  )
  return [
    'rune.wasm contains these crates, each under the licence named with it. `rune` was changed: see patches/.',
    'The standard library of Rust is in it as well: MIT OR Apache-2.0, https://github.com/rust-lang/rust.',
    '',
    ...list,
    '',
    ...parts,
  ].join('\n')
}
