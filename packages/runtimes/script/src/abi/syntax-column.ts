// The column of a fault of syntax for a compiler that tells the line and the token: where the line has that token once.

import { lineOfSource } from '@bulkhead/bundle/answers'

const nearToken = / near '(.{1,200})'$/s

/** 1-based; 0 where it cannot be told. */
export const columnOfToken = (
  source: Uint8Array | undefined,
  { line, message }: { readonly line: number; readonly message: string },
): number => {
  const token = nearToken.exec(message)?.[1]
  const text = token === undefined ? undefined : lineOfSource(source, line)
  if (token === undefined || text === undefined) return 0
  const isWord = /^\w+$/.test(token)
  const places: number[] = []
  for (let at = text.indexOf(token); at >= 0 && places.length < 2; at = text.indexOf(token, at + 1)) {
    const isPart = isWord && (/\w/.test(text[at - 1] ?? '') || /\w/.test(text[at + token.length] ?? ''))
    if (!isPart) places.push(at)
  }
  const [first, second] = places
  return first === undefined || second !== undefined ? 0 : first + 1
}
