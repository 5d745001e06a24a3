// An embedder that knows nothing: each word adds to a place that its hash names. It costs what one costs, and takes no model.

import type { Embedder } from '@bulkhead/host'

const dimensions = 128

const hashOf = (word: string): number => {
  let hash = 2166136261
  for (let at = 0; at < word.length; at++) hash = Math.imul(hash ^ word.charCodeAt(at), 16777619)
  return hash >>> 0
}

/** Makes one. */
export const makeHashingEmbedder = (): Embedder => ({
  id: 'hashing-1',
  dimensions,
  embed: (texts) =>
    texts.map((text) => {
      const vector = new Float32Array(dimensions)
      for (const word of text.toLowerCase().match(/[\p{L}\p{N}]+/gu) ?? []) {
        const hash = hashOf(word)
        const place = hash % dimensions
        vector[place] = (vector[place] ?? 0) + (hash & 0x80000000 ? 1 : -1)
      }
      const length = Math.hypot(...vector)
      return length === 0 ? vector : vector.map((component) => component / length)
    }),
})
