// The public face of the word vectors, by hand.

export { type NearWord, openWordVectors, similarity, type WordVectors } from './word-vectors.ts'
