// The templates of `bulkhead new`, by hand.

import { stateMachineTemplate } from './state-machine.ts'
import { stateTemplate } from './state.ts'
import type { Template, TemplateName } from './template.ts'
import { toolTemplate } from './tool.ts'
import { workflowTemplate } from './workflow.ts'

/** By the name that `--template` takes. */
export const templates = {
  tool: toolTemplate,
  state: stateTemplate,
  'state-machine': stateMachineTemplate,
  workflow: workflowTemplate,
} as const satisfies Record<TemplateName, Template>
