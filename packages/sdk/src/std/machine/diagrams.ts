// A machine as a picture: DOT for Graphviz, a state diagram for Mermaid. The initial state comes first, the others by name, so
// that the same machine gives the same text in every language.

import { escapeForMermaid, quoteForDot } from '../diagram.ts'
import { byCodePoints } from '../order.ts'
import type { CheckedMachine, Transition } from './definition.ts'

interface Arrow {
  readonly from: string
  readonly to: string
  readonly label: string
}

const layOut = <Context>(machine: CheckedMachine<Context>) => {
  const others = [...machine.states.keys()].filter((name) => name !== machine.initial).toSorted(byCodePoints)
  const names = [machine.initial, ...others]
  const ids = new Map(names.map((name, index) => [name, `s${index}`]))
  const idOf = (name: string): string => ids.get(name) ?? ''
  const arrows = names.flatMap((name): Arrow[] => {
    const on: ReadonlyMap<string, readonly Transition<Context>[]> = machine.states.get(name)?.on ?? new Map()
    return [...on.keys()].toSorted(byCodePoints).flatMap((event) =>
      (on.get(event) ?? []).map(({ target, guard }) => ({
        from: idOf(name),
        to: idOf(target),
        label: guard === undefined ? event : `${event} [guarded]`,
      })),
    )
  })
  const nodes = names.map((name) => ({ id: idOf(name), name, final: machine.states.get(name)?.final === true }))
  return { nodes, arrows }
}

/** The machine in the DOT language. */
export const machineToDot = <Context>(machine: CheckedMachine<Context>): string => {
  const { nodes, arrows } = layOut(machine)
  return [
    `digraph ${quoteForDot(machine.id)} {`,
    '  rankdir=LR;',
    '  start [shape=point];',
    ...nodes.map(
      ({ id, name, final }) =>
        `  ${id} [label=${quoteForDot(name)}, shape=${final ? 'doublecircle' : 'box'}, style=rounded];`,
    ),
    '  start -> s0;',
    ...arrows.map(({ from, to, label }) => `  ${from} -> ${to} [label=${quoteForDot(label)}];`),
    '}',
    '',
  ].join('\n')
}

/** The machine as a Mermaid state diagram. */
export const machineToMermaid = <Context>(machine: CheckedMachine<Context>): string => {
  const { nodes, arrows } = layOut(machine)
  return [
    'stateDiagram-v2',
    ...nodes.map(({ id, name }) => `  state "${escapeForMermaid(name)}" as ${id}`),
    '  [*] --> s0',
    ...arrows.map(({ from, to, label }) => `  ${from} --> ${to} : ${escapeForMermaid(label)}`),
    ...nodes.filter(({ final }) => final).map(({ id }) => `  ${id} --> [*]`),
    '',
  ].join('\n')
}
