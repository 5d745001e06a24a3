// What is wrong with a plugin's sources, as one error: the first fault with its place, and the further ones in its details.

import { BulkheadError, type JsonObject } from '@bulkhead/kernel/wire'
import type { BuildFailure, Location } from 'esbuild'
import { makeFrame } from './answers/positions.ts'

/** Further faults that an error carries. */
const maxOthers = 20
const maxText = 1000

/** `kept` are errors of ours that esbuild has turned into text: it knows their places, they know the rest. */
export const compileError = (failure: BuildFailure, kept: readonly BulkheadError[] = []): BulkheadError => {
  const errors = failure.errors ?? []
  const [first] = kept
  const place = (first === undefined ? errors[0] : errors.find(({ text }) => text === first.message))?.location ?? null
  const others = errors
    .filter(({ text, location }) => text !== first?.message || location !== place)
    .slice(first === undefined ? 1 : 0, maxOthers)
    .map(({ text, location }): JsonObject => ({ message: text.slice(0, maxText), ...detailsOf(location) }))
  const details = { ...detailsOf(place), ...(others.length === 0 ? {} : { others }) }
  if (first !== undefined) {
    return new BulkheadError(first.code, `${first.message}${placeText(place)}`, {
      ...(first.hint === undefined ? {} : { hint: first.hint }),
      details: { ...first.details, ...details },
    })
  }
  const [error] = errors
  return error === undefined
    ? new BulkheadError('artifact.compile', `the bundler failed: ${failure.message}`, { cause: failure })
    : new BulkheadError('artifact.compile', `${error.text}${placeText(place)}`, { details })
}

/** Stands on a line of its own after every source that is bundled; see bundle.ts. */
export const closingComment = '//# sourceMappingURL=bulkhead:none'

const fileOf = ({ file }: Location): string => file.replace(/^plugin:/, '')

const detailsOf = (place: Location | null): JsonObject => {
  if (place === null) return {}
  // At the end of the file, as its author sees it.
  if (place.lineText === closingComment) return { file: fileOf(place), line: Math.max(place.line - 1, 1) }
  const position = { file: fileOf(place), line: place.line, column: place.column + 1 }
  return { ...position, frame: makeFrame(place.lineText, position) }
}

const placeText = (place: Location | null): string => {
  const { file, line, column } = detailsOf(place)
  return file === undefined ? '' : ` (${[file, line, ...(column === undefined ? [] : [column])].join(':')})`
}
