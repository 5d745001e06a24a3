// How much each data and element segment holds, read when a function first asks: the data section stands after the code.

import { invalid } from './fault.ts'

/** See the file's head. */
export class SegmentSizes {
  readonly #readData: () => readonly number[]
  readonly #readElements: () => readonly number[]
  #data: readonly number[] | undefined
  #elements: readonly number[] | undefined

  constructor(readData: () => readonly number[], readElements: () => readonly number[]) {
    this.#readData = readData
    this.#readElements = readElements
  }

  /** @throws ModuleFault when there is no such segment */
  dataBytes(segment: number): number {
    this.#data ??= this.#readData()
    return sizeOf(this.#data, segment, 'data')
  }

  /** @throws ModuleFault as {@link dataBytes} */
  elements(segment: number): number {
    this.#elements ??= this.#readElements()
    return sizeOf(this.#elements, segment, 'element')
  }
}

const sizeOf = (sizes: readonly number[], segment: number, what: string): number => {
  const size = sizes[segment]
  if (size === undefined) throw invalid(`the module refers to ${what} segment ${segment}, which does not exist`)
  return size
}
