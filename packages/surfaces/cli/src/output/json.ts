// The JSON document of `--json`. Everything a terminal could obey is written as a JSON escape, which changes no value.

import { Buffer } from 'node:buffer'

// The characters of escapeLine that JSON.stringify leaves as they are; line feeds here are the indentation's own.
const unsafe = /[^\P{C}\n]|[\p{Zl}\p{Zp}\u115f\u1160\u3164\uffa0]/gu

const escapeUnits = (text: string): string => {
  let out = ''
  for (let index = 0; index < text.length; index++) {
    out += `\\u${text.charCodeAt(index).toString(16).padStart(4, '0')}`
  }
  return out
}

const printedColumns = 100

/** As {@link jsonText} over several lines, with a list of plain values on one where it fits. */
export const printedJson = (value: unknown): string => {
  const lines = jsonText(value, 2).split('\n')
  const shown: string[] = []
  for (let at = 0; at < lines.length; at++) {
    const list = lines[at]?.endsWith('[') === true ? plainList(lines, at) : undefined
    shown.push(list?.text ?? lines[at] ?? '')
    if (list !== undefined) at = list.last
  }
  return shown.join('\n')
}

/** The list that is opened on a line, on one line; undefined for one that is too long, or holds more than plain values. */
const plainList = (
  lines: readonly string[],
  first: number,
): { readonly text: string; readonly last: number } | undefined => {
  let text = lines[first] ?? ''
  for (let at = first + 1; at < lines.length && text.length <= printedColumns; at++) {
    const member = lines[at]?.trimStart() ?? ''
    if (/^\],?$/.test(member))
      return text.length + member.length > printedColumns ? undefined : { text: text + member, last: at }
    // A line that ends so opens a list or an object, for texts end with their quote.
    if (/[[{]$/.test(member)) return undefined
    text += at === first + 1 ? member : ` ${member}`
  }
  return undefined
}

/** Writes a value as JSON: byte arrays as base64, `undefined` as null, nothing that steers a terminal. */
export const jsonText = (value: unknown, indent = 0): string => {
  const text = JSON.stringify(
    value === undefined ? null : value,
    function (this: Record<string, unknown>, key: string, encoded: unknown) {
      // `this[key]` is the value before toJSON: a Buffer would otherwise arrive as a list of numbers.
      const original = this[key]
      return original instanceof Uint8Array ? Buffer.from(original).toString('base64') : encoded
    },
    indent,
  )
  return text.replace(unsafe, escapeUnits)
}
