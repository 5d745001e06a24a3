// The types that a file declares, by name: classes and aliases of doc comments, interfaces and types of TypeScript.

import { annotationCaps } from './annotation.ts'
import type { TypeNode } from './type-node.ts'

/** Types by name. */
export class DeclaredTypes {
  readonly #types = new Map<string, TypeNode>()

  /** The first declaration of a name holds; further ones are joined to it, as TypeScript joins interfaces. */
  add(name: string, type: TypeNode): void {
    const known = this.#types.get(name)
    if (known === undefined && this.#types.size >= annotationCaps.declaredTypes) return
    const members = known?.kind === 'both' ? known.members : known === undefined ? [] : [known]
    if (members.length >= 16) return
    this.#types.set(name, members.length === 0 ? type : { kind: 'both', members: [...members, type] })
  }

  get(name: string): TypeNode | undefined {
    return this.#types.get(name)
  }
}
