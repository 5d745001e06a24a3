// Collects what was left out, up to a number that a person still reads.

import { annotationCaps, type AnnotationWarning } from './annotation.ts'

const maxMessage = 300

/** A bounded list. */
export class Warnings {
  readonly #list: AnnotationWarning[] = []
  readonly #told = new Set<string>()

  /** A warning about the same place in the same words is told once. */
  add(line: number, message: string): void {
    const told = `${line} ${message}`
    if (this.#list.length >= annotationCaps.warnings || this.#told.has(told)) return
    this.#told.add(told)
    this.#list.push({ line, message: message.slice(0, maxMessage) })
  }

  /** In the order of the lines. */
  list(): readonly AnnotationWarning[] {
    return this.#list.toSorted((one, other) => one.line - other.line)
  }
}
