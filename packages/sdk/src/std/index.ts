// The standard library for scripts, by hand. The same functions exist in Lua and Rune, and one table of cases holds them together.

export { csv, graph, regex, time, yaml } from './areas.ts'
export type { KnownFailure } from './failure.ts'
export type { CallHost } from './host-port.ts'
export type { KeptIn } from './kept-value.ts'
export type {
  MachineCallback,
  MachineDefinition,
  MachineEvent,
  StateDefinition,
  Transition,
  TransitionChoice,
} from './machine/definition.ts'
export { type DefinedMachine, machine } from './machine/index.ts'
export type { HistoryEntry, Machine, Refusal, SavedMachine, SendResult } from './machine/machine.ts'
export type { PersistedMachine } from './machine/persisted.ts'
export { paths } from './paths.ts'
export { text } from './text/index.ts'
export type {
  CompensationContext,
  RetryRules,
  TaskContext,
  TaskDefinition,
  WorkflowDefinition,
} from './workflow/definition.ts'
export { type DefinedWorkflow, workflow } from './workflow/index.ts'
export type { TaskReport, TaskStatus, WorkflowReport } from './workflow/record.ts'
export type { WorkflowOptions, WorkflowProgress } from './workflow/run.ts'
