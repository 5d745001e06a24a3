// What a workflow is: tasks that need each other. All of it is checked before one runs.

import { failure, isObject } from '../failure.ts'

/** When a task is tried again. Milliseconds. */
export interface RetryRules {
  /** How often it is tried in all; 1 when absent. */
  readonly attempts?: number
  /** Wait before the second try. */
  readonly backoffMs?: number
  /** What each further wait is multiplied by; 2 when absent. */
  readonly factor?: number
  /** Longest wait; 30,000 when absent. */
  readonly maxMs?: number
  /** Share of a wait that chance may take away, 0 to 1, so that many do not try at once; 0.5 when absent. */
  readonly jitter?: number
}

/** What a task is told. */
export interface TaskContext {
  readonly input: unknown
  /** What the tasks gave that are done, by name. */
  readonly results: Readonly<Record<string, unknown>>
  /** Which try it is, from 1. */
  readonly attempt: number
}

/** What a compensation is told: besides, what its task gave. */
export interface CompensationContext extends TaskContext {
  readonly result: unknown
}

/** One task. */
export interface TaskDefinition {
  readonly name: string
  /** Tasks that must be done, or left out, before. */
  readonly needs?: readonly string[]
  /** Its result; JSON where the workflow is kept. */
  readonly run: (context: TaskContext) => unknown
  readonly retry?: RetryRules
  /** For each try. */
  readonly timeoutMs?: number
  /** Undoes what it did, when a later task fails for good. */
  readonly compensate?: (context: CompensationContext) => unknown
  /** Whether it is to run at all; asked when those that it needs are done. */
  readonly when?: (context: TaskContext) => unknown
}

/** A workflow as its author writes it. */
export interface WorkflowDefinition {
  readonly name: string
  readonly tasks: readonly TaskDefinition[]
}

/** A task that was checked. */
export interface CheckedTask extends TaskDefinition {
  readonly needs: readonly string[]
  readonly retry: Required<RetryRules>
}

/** A workflow that was checked; tasks in the order they were given. */
export interface CheckedWorkflow {
  readonly name: string
  readonly tasks: ReadonlyMap<string, CheckedTask>
}

/** Most tasks of one workflow. */
export const mostTasks = 1000
const longestMs = 86_400_000

/** @throws PluginError `workflow.invalid` with all faults, `workflow.cycle` naming one */
export const checkWorkflow = (definition: WorkflowDefinition): CheckedWorkflow => {
  if (!isObject(definition) || !Array.isArray(definition.tasks)) throw invalid('', ['tasks is missing'])
  const { name, tasks } = definition
  const faults: string[] = []
  if (typeof name !== 'string' || name === '') faults.push('name must be a name')
  if (tasks.length === 0 || tasks.length > mostTasks) faults.push(`there must be 1 to ${mostTasks} tasks`)
  const checked = new Map<string, CheckedTask>()
  for (const [index, task] of tasks.entries()) {
    if (!isObject(task) || typeof task.name !== 'string' || task.name === '') {
      faults.push(`task ${index + 1} has no name`)
      continue
    }
    if (checked.has(task.name)) faults.push(`there are two tasks ${task.name}`)
    checked.set(task.name, checkTask(task, faults))
  }
  for (const task of checked.values()) {
    for (const need of task.needs) if (!checked.has(need)) faults.push(`task ${task.name} needs no task: ${need}`)
  }
  if (faults.length > 0) throw invalid(String(name), faults)
  const cycle = findCycle(checked)
  if (cycle !== undefined) {
    throw failure('workflow.cycle', `workflow ${name}: tasks need each other: ${cycle.join(' → ')}`, [...cycle])
  }
  return { name, tasks: checked }
}

const checkTask = (task: TaskDefinition, faults: string[]): CheckedTask => {
  const { name, needs = [], retry = {}, timeoutMs } = task
  for (const part of ['run', 'compensate', 'when'] as const) {
    if (part !== 'run' && task[part] === undefined) continue
    if (typeof task[part] !== 'function') faults.push(`${part} of ${name} must be a function`)
  }
  const number = (what: string, value: unknown, [least, most]: readonly [number, number]): void => {
    if (typeof value === 'number' && value >= least && value <= most) return
    faults.push(`${what} of ${name} must be a number from ${least} to ${most}`)
  }
  const { attempts = 1, backoffMs = 100, factor = 2, maxMs = 30_000, jitter = 0.5 } = retry
  number('attempts', attempts, [1, 100])
  number('backoff_ms', backoffMs, [0, longestMs])
  number('factor', factor, [1, 100])
  number('max_ms', maxMs, [0, longestMs])
  number('jitter', jitter, [0, 1])
  if (timeoutMs !== undefined) number('timeout_ms', timeoutMs, [1, longestMs])
  const isList = Array.isArray(needs) && needs.every((need) => typeof need === 'string')
  if (!isList) faults.push(`needs of ${name} must be a list of names`)
  return { ...task, needs: isList ? needs : [], retry: { attempts, backoffMs, factor, maxMs, jitter } }
}

/** Names of a cycle along the needs, the first once more at the end; undefined when there is none. */
const findCycle = (tasks: ReadonlyMap<string, CheckedTask>): readonly string[] | undefined => {
  const left = new Set(tasks.keys())
  for (let before = -1; before !== left.size; ) {
    before = left.size
    for (const name of left) {
      const needs = tasks.get(name)?.needs ?? []
      if (!needs.some((need) => left.has(need))) left.delete(name)
    }
  }
  const [first] = left
  if (first === undefined) return undefined
  const path: string[] = []
  // Each that is left needs one that is left.
  for (let at = first; !path.includes(at); ) {
    path.push(at)
    at = tasks.get(at)?.needs.find((need) => left.has(need)) ?? first
    if (path.includes(at)) return [...path.slice(path.indexOf(at)), at]
  }
  return undefined
}

const invalid = (name: string, faults: readonly string[]) =>
  failure('workflow.invalid', `workflow ${name}: ${faults.join('; ')}`, [...faults])
