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
