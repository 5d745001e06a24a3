// Workflows: tasks that need each other.

import { checkWorkflow, type WorkflowDefinition } from './definition.ts'
import { workflowToDot, workflowToMermaid } from './diagrams.ts'
import type { WorkflowReport } from './record.ts'
import { runWorkflow, type WorkflowOptions } from './run.ts'

/** A workflow that was checked, ready to run. */
export interface DefinedWorkflow {
  readonly name: string
  /** Runs it to its end; see {@link WorkflowOptions}. */
  run(options?: WorkflowOptions): Promise<WorkflowReport>
  toDot(): string
  toMermaid(): string
}

/** `workflow.define({ name, tasks })`. */
export const workflow = {
  /** Checks a workflow. @throws PluginError `workflow.invalid`, `workflow.cycle` */
  define: (definition: WorkflowDefinition): DefinedWorkflow => {
    const checked = checkWorkflow(definition)
    return {
      name: checked.name,
      run: (options) => runWorkflow(checked, options),
      toDot: () => workflowToDot(checked),
      toMermaid: () => workflowToMermaid(checked),
    }
  },
  /** The same as `workflow.define(definition).run(options)`. */
  run: (definition: WorkflowDefinition, options?: WorkflowOptions): Promise<WorkflowReport> =>
    workflow.define(definition).run(options),
}
