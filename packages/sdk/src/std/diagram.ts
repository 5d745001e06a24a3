// Text in DOT and Mermaid. Names come from anywhere, so nothing of them is taken for syntax: nodes get names of ours, and labels
// are quoted.

/** A quoted string of the DOT language (https://graphviz.org/doc/info/lang.html). */
export const quoteForDot = (text: string): string =>
  `"${text
    .replaceAll('\\', '\\\\')
    .replaceAll('"', '\\"')
    .replaceAll(/[\r\n]+/g, ' ')}"`

/** A label for Mermaid; what has a meaning there becomes an entity, by its number. */
export const escapeForMermaid = (text: string): string =>
  text.replaceAll(/[\r\n]+/g, ' ').replaceAll(/[#;"<>&:`{}[\]()|\\%]/g, (character) => `#${character.charCodeAt(0)};`)
