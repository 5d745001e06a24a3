// The vectors of all passages in one array of bytes, and what is nearest to a vector: every one is compared, which for some ten
// thousand passages takes less than keeping a cleverer index would. Vectors of a note that is gone stay until the next load.

import { DamagedIndexError, type IndexDatabase } from './database.ts'

/** A note and its passage that is nearest. */
export interface Near {
  readonly note: number
  /** Cosine of the angle, about -1 to 1. */
  readonly score: number
  /** Where the passage begins, UTF-16 offset. */
  readonly at: number
}

const scale = 127

/** Components as bytes: of unit vectors each is between -1 and 1. */
export const quantise = (vector: Float32Array): Int8Array =>
  Int8Array.from(vector, (component) => Math.max(-scale, Math.min(scale, Math.round(component * scale))))

/** See the file's head. */
export class VectorTable {
  readonly #database: IndexDatabase
  readonly #dimensions: number
  #data = new Int8Array(0)
  #notes = new Int32Array(0)
  #starts = new Int32Array(0)
  #count = 0
  #lastSeq = 0
  /** Places of the passages of a note. */
  readonly #places = new Map<number, { readonly from: number; readonly to: number }>()

  constructor(database: IndexDatabase, dimensions: number) {
    this.#database = database
    this.#dimensions = dimensions
  }

  /** Replaces the vectors of a note. Within a transaction of the caller's. */
  put(note: number, passages: readonly { readonly start: number; readonly vector: Float32Array }[]): void {
    const data = new Int8Array(passages.length * this.#dimensions)
    for (const [index, { vector }] of passages.entries()) data.set(quantise(vector), index * this.#dimensions)
    this.#database.run('DELETE FROM vector WHERE note = ?', note)
    this.#database.run(
      'INSERT INTO vector (note, spans, data) VALUES (?, ?, ?)',
      ...[note, JSON.stringify(passages.map(({ start }) => start)), new Uint8Array(data.buffer)],
    )
  }

  /** Takes in what was put since the last time, by this process or another. */
  refresh(): void {
    const rows = this.#database.all(
      'SELECT seq, note, spans, data FROM vector WHERE seq > ? ORDER BY seq',
      this.#lastSeq,
    )
    for (const row of rows) {
      const spans = parseSpans(String(row['spans']))
      const bytes = row['data'] as Uint8Array
      this.#lastSeq = Number(row['seq'])
      if (bytes.byteLength !== spans.length * this.#dimensions) continue
      this.#append(Number(row['note']), spans, new Int8Array(bytes.buffer, bytes.byteOffset, bytes.byteLength))
    }
  }

  #append(note: number, spans: readonly number[], data: Int8Array): void {
    const old = this.#places.get(note)
    // No note has the id 0: what stands there counts for nobody.
    if (old !== undefined) this.#notes.fill(0, old.from, old.to)
    const to = this.#count + spans.length
    this.#grow(to)
    this.#data.set(data, this.#count * this.#dimensions)
    this.#notes.fill(note, this.#count, to)
    this.#starts.set(spans, this.#count)
    this.#places.set(note, { from: this.#count, to })
    this.#count = to
  }

  #grow(count: number): void {
    if (count <= this.#notes.length) return
    const size = Math.max(1024, count * 2)
    const data = new Int8Array(size * this.#dimensions)
    data.set(this.#data)
    this.#data = data
    const notes = new Int32Array(size)
    notes.set(this.#notes)
    this.#notes = notes
    const starts = new Int32Array(size)
    starts.set(this.#starts)
    this.#starts = starts
  }

  /** The mean of a note's vectors: what it is about as a whole; undefined when it has none yet. */
  meanOf(note: number): Float32Array | undefined {
    const places = this.#places.get(note)
    if (places === undefined) return undefined
    const mean = new Float32Array(this.#dimensions)
    for (let place = places.from; place < places.to; place++) {
      const from = place * this.#dimensions
      for (let index = 0; index < this.#dimensions; index++)
        mean[index] = (mean[index] ?? 0) + (this.#data[from + index] ?? 0)
    }
    const length = Math.hypot(...mean)
    return length === 0 ? mean : mean.map((component) => component / length)
  }

  /** The nearest notes, best first; `allows` says which count. */
  nearest(vector: Float32Array, count: number, allows: (note: number) => boolean): Near[] {
    const best = new Map<number, { score: number; place: number }>()
    for (let place = 0, from = 0; place < this.#count; place++, from += this.#dimensions) {
      const note = this.#notes[place] ?? 0
      if (note === 0) continue
      const score = dot(vector, this.#data, from)
      const known = best.get(note)
      if (known === undefined) best.set(note, { score, place })
      else if (score > known.score) {
        known.score = score
        known.place = place
      }
    }
    return [...best]
      .filter(([note, { score }]) => score > 0 && allows(note))
      .sort((a, b) => b[1].score - a[1].score)
      .slice(0, count)
      .map(([note, { score, place }]) => ({ note, score: score / scale, at: this.#starts[place] ?? 0 }))
  }
}

const parseSpans = (text: string): readonly number[] => {
  try {
    const spans: unknown = JSON.parse(text)
    if (Array.isArray(spans)) return spans as number[]
  } catch {}
  throw new DamagedIndexError('the places of passages are no list')
}

const dot = (vector: Float32Array, data: Int8Array, from: number): number => {
  let sum = 0
  for (let index = 0; index < vector.length; index++) sum += (vector[index] ?? 0) * (data[from + index] ?? 0)
  return sum
}
