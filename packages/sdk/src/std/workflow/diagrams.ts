// A workflow as a picture: DOT for Graphviz, a flowchart for Mermaid; tasks in the order they were given.

import { escapeForMermaid, quoteForDot } from '../diagram.ts'
import type { CheckedWorkflow } from './definition.ts'

const layOut = ({ tasks }: CheckedWorkflow) => {
  const ids = new Map([...tasks.keys()].map((name, index) => [name, `t${index}`]))
  const idOf = (name: string): string => ids.get(name) ?? ''
  return {
    nodes: [...tasks.keys()].map((name) => ({ id: idOf(name), name })),
    arrows: [...tasks.values()].flatMap(({ name, needs }) =>
      needs.map((need) => ({ from: idOf(need), to: idOf(name) })),
    ),
  }
}

/** The workflow in the DOT language. */
export const workflowToDot = (workflow: CheckedWorkflow): string => {
  const { nodes, arrows } = layOut(workflow)
  return [
    `digraph ${quoteForDot(workflow.name)} {`,
    '  rankdir=LR;',
    ...nodes.map(({ id, name }) => `  ${id} [label=${quoteForDot(name)}, shape=box];`),
    ...arrows.map(({ from, to }) => `  ${from} -> ${to};`),
    '}',
    '',
  ].join('\n')
}

/** The workflow as a Mermaid flowchart. */
export const workflowToMermaid = (workflow: CheckedWorkflow): string => {
  const { nodes, arrows } = layOut(workflow)
  return [
    'flowchart LR',
    ...nodes.map(({ id, name }) => `  ${id}["${escapeForMermaid(name)}"]`),
    ...arrows.map(({ from, to }) => `  ${from} --> ${to}`),
    '',
  ].join('\n')
}
