// A run of a workflow: tasks whose needs are done run side by side, up to a limit; when one fails for good, those that run come to
// their ends, no more are begun, and what was done is undone in reverse order.

import { failure, type KnownFailure, tellFailure } from '../failure.ts'
import type { KeptIn } from '../kept-value.ts'
import { attempt } from './attempt.ts'
import type { CheckedTask, CheckedWorkflow } from './definition.ts'
import { RunRecord, type WorkflowReport } from './record.ts'

/** What happens in a run. */
export interface WorkflowProgress {
  readonly task: string
  readonly status:
    | 'started'
    | 'retrying'
    | 'done'
    | 'skipped'
    | 'failed'
    | 'compensating'
    | 'compensated'
    | 'compensation-failed'
  readonly attempt?: number
  readonly error?: KnownFailure
}

/** Options of a run. */
export interface WorkflowOptions extends KeptIn {
  /** What every task is told. */
  readonly input?: unknown
  /** Most tasks at once, 1 to 64; 4 when absent. */
  readonly concurrency?: number
  /** Keeps the run in the host's store under this key: run again, it goes on where it was. */
  readonly key?: string
  readonly progress?: (event: WorkflowProgress) => void
}

const mostAtOnce = 64

/**
 * Runs it to its end. A task that fails makes a report that is not `ok`, and no error.
 * @throws PluginError `workflow.conflict`, `workflow.changed`, `library.argument`; HostError when the run cannot be kept
 */
export const runWorkflow = async (
  workflow: CheckedWorkflow,
  { input = null, concurrency = 4, key, progress, ...where }: WorkflowOptions = {},
): Promise<WorkflowReport> => {
  if (!Number.isInteger(concurrency) || concurrency < 1 || concurrency > mostAtOnce) {
    throw failure('library.argument', `concurrency must be a whole number from 1 to ${mostAtOnce}`)
  }
  const record = await RunRecord.open(workflow, { ...where, input, ...(key === undefined ? {} : { key }) })
  const run: Run = { workflow, record, tell: (event) => progress?.(event) }
  if (record.status === 'running') await runTasks(run, concurrency)
  if (record.status === 'compensating') await compensate(run)
  return record.report()
}

interface Run {
  readonly workflow: CheckedWorkflow
  readonly record: RunRecord
  readonly tell: (event: WorkflowProgress) => void
}

const runTasks = async (run: Run, concurrency: number): Promise<void> => {
  const { workflow, record } = run
  const underWay = new Map<string, Promise<void>>()
  const isOver = (name: string): boolean => ['done', 'skipped'].includes(record.taskOf(name).status)
  for (;;) {
    for (const task of workflow.tasks.values()) {
      if (underWay.size >= concurrency || record.status !== 'running') break
      const isNext = record.taskOf(task.name).status === 'waiting' && !underWay.has(task.name)
      if (!isNext || !task.needs.every(isOver)) continue
      const running = runTask(run, task)
      underWay.set(task.name, running)
      // It is seen below; here, only that it is over.
      void running.catch(() => undefined).then(() => underWay.delete(task.name))
    }
    if (underWay.size === 0) break
    await Promise.race(underWay.values())
  }
  if (record.status !== 'running') return
  record.status = 'done'
  await record.save()
}

/** @throws what keeps the run from being kept; a task that fails is in the record */
const runTask = async ({ record, tell }: Run, task: CheckedTask): Promise<void> => {
  const { name } = task
  const about = (attempts: number) => ({ input: record.input, results: record.results, attempt: attempts })
  try {
    if (task.when !== undefined && !(await task.when(about(1)))) {
      record.set(name, { status: 'skipped', attempts: 0 })
      tell({ task: name, status: 'skipped' })
      return record.save()
    }
  } catch (thrown) {
    return failTask({ record, tell }, name, { attempts: 0, error: tellFailure(thrown) })
  }
  tell({ task: name, status: 'started' })
  const outcome = await attempt(
    task,
    (attempts) => task.run(about(attempts)),
    (attempts, error) => tell({ task: name, status: 'retrying', attempt: attempts, error }),
  )
  if (!outcome.ok) return failTask({ record, tell }, name, outcome)
  record.finish(name, outcome)
  await record.save()
  tell({ task: name, status: 'done', attempt: outcome.attempts })
}

const failTask = async (
  { record, tell }: Pick<Run, 'record' | 'tell'>,
  name: string,
  { attempts, error }: { readonly attempts: number; readonly error: KnownFailure },
): Promise<void> => {
  record.fail(name, { attempts, error })
  await record.save()
  tell({ task: name, status: 'failed', attempt: attempts, error })
}

const compensate = async ({ workflow, record, tell }: Run): Promise<void> => {
  for (const name of record.order.toReversed()) {
    const task = workflow.tasks.get(name)
    const report = record.taskOf(name)
    if (task?.compensate === undefined || report.status !== 'done') continue
    const undo = task.compensate
    tell({ task: name, status: 'compensating' })
    const { results, input } = record
    const outcome = await attempt(
      task,
      (attempts) => undo({ input, results, attempt: attempts, result: results[name] }),
      (attempts, error) => tell({ task: name, status: 'retrying', attempt: attempts, error }),
    )
    const { attempts } = report
    if (outcome.ok) record.set(name, { status: 'compensated', attempts })
    else record.set(name, { status: 'compensation-failed', attempts, error: outcome.error })
    await record.save()
    tell({
      task: name,
      status: outcome.ok ? 'compensated' : 'compensation-failed',
      ...(outcome.ok ? {} : { error: outcome.error }),
    })
  }
  record.status = 'failed'
  await record.save()
}
