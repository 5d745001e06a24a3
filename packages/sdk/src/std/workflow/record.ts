// What is known of a run, and how it is kept: after each task, so that one that is done is never run again. The record has a
// version, and a run that finds it changed gives up: two never work on one record.

import type { JsonValue } from '../../json-schema.ts'
import { failure, type KnownFailure } from '../failure.ts'
import { type KeptIn, readKept, writeKept } from '../kept-value.ts'
import type { CheckedWorkflow } from './definition.ts'

/** How far a task is. */
export type TaskStatus = 'waiting' | 'done' | 'skipped' | 'failed' | 'compensated' | 'compensation-failed'

/** One task of a run. */
export interface TaskReport {
  readonly status: TaskStatus
  /** How often it was tried. */
  readonly attempts: number
  readonly error?: KnownFailure
}

/** What came of a run. */
export interface WorkflowReport {
  /** Whether all tasks are done or left out. */
  readonly ok: boolean
  /** What each task gave that was done. */
  readonly results: Readonly<Record<string, unknown>>
  readonly tasks: Readonly<Record<string, TaskReport>>
  /** The task that failed for good. */
  readonly failed?: string
}

/** How far a run is. */
type RunStatus = 'running' | 'compensating' | 'done' | 'failed'

interface Kept {
  readonly workflow: string
  readonly status: RunStatus
  readonly input: unknown
  readonly tasks: Readonly<Record<string, TaskReport>>
  readonly results: Readonly<Record<string, unknown>>
  /** Tasks in the order in which they were done. */
  readonly order: readonly string[]
  readonly failed?: string
}

/** Where a run is kept; without a key nowhere. */
export interface RecordOptions extends KeptIn {
  readonly key?: string
  readonly input: unknown
}

/** See the file's head. */
export class RunRecord {
  status: RunStatus = 'running'
  readonly order: string[] = []
  readonly #name: string
  readonly #options: RecordOptions
  readonly #tasks: Map<string, TaskReport>
  readonly #results = new Map<string, unknown>()
  #input: unknown
  #failed: string | undefined
  #version = 0
  #saving: Promise<void> = Promise.resolve()

  /** Takes up a run that was kept, or begins one. @throws PluginError `workflow.changed`, `workflow.conflict` */
  static async open(workflow: CheckedWorkflow, options: RecordOptions): Promise<RunRecord> {
    const record = new RunRecord(workflow, options)
    const { key } = options
    if (key === undefined) return record
    const { value, version } = await readKept<Kept>(key, options)
    record.#version = version
    if (value !== undefined) record.#take(value)
    // A mark of its own, so that another that took it up at the same time finds out.
    if (!record.isOver) await record.save()
    return record
  }

  private constructor({ name, tasks }: CheckedWorkflow, options: RecordOptions) {
    this.#name = name
    this.#options = options
    this.#input = options.input
    this.#tasks = new Map([...tasks.keys()].map((task) => [task, { status: 'waiting', attempts: 0 }]))
  }

  get isOver(): boolean {
    return this.status === 'done' || this.status === 'failed'
  }

  get failed(): string | undefined {
    return this.#failed
  }

  get input(): unknown {
    return this.#input
  }

  taskOf(name: string): TaskReport {
    return this.#tasks.get(name) ?? { status: 'waiting', attempts: 0 }
  }

  /** What tasks gave so far: a copy of the table, as each task may keep its own. */
  get results(): Record<string, unknown> {
    return toObject(this.#results)
  }

  set(name: string, report: TaskReport): void {
    this.#tasks.set(name, report)
  }

  finish(name: string, { result, attempts }: { readonly result: unknown; readonly attempts: number }): void {
    this.set(name, { status: 'done', attempts })
    this.#results.set(name, result ?? null)
    this.order.push(name)
  }

  fail(name: string, report: Omit<TaskReport, 'status'>): void {
    this.set(name, { status: 'failed', ...report })
    this.#failed ??= name
    this.status = 'compensating'
  }

  report(): WorkflowReport {
    return {
      ok: this.status === 'done',
      results: this.results,
      tasks: toObject(this.#tasks),
      ...(this.#failed === undefined ? {} : { failed: this.#failed }),
    }
  }

  /** Keeps what is known; done when it is kept. @throws PluginError `workflow.conflict`, HostError */
  save(): Promise<void> {
    const { key } = this.#options
    if (key === undefined) return this.#saving
    const saved = this.#saving.then(async () => {
      const value = this.#kept() as unknown as JsonValue
      const version = await writeKept(key, { value, version: this.#version }, this.#options)
      if (version === undefined) {
        throw failure('workflow.conflict', `workflow ${this.#name}: another run writes to ${key}`)
      }
      this.#version = version
    })
    this.#saving = saved
    // Whoever waits for it hears of it; nobody may.
    saved.catch(() => undefined)
    return saved
  }

  #kept(): Kept {
    return {
      workflow: this.#name,
      status: this.status,
      input: this.#input ?? null,
      tasks: toObject(this.#tasks),
      results: this.results,
      order: [...this.order],
      ...(this.#failed === undefined ? {} : { failed: this.#failed }),
    }
  }

  #take({ workflow, status, input, tasks, results, order, failed }: Kept): void {
    if (workflow !== this.#name || Object.keys(tasks).some((name) => !this.#tasks.has(name))) {
      const { key = '' } = this.#options
      throw failure(
        'workflow.changed',
        `workflow ${this.#name}: what ${key} keeps is of another workflow, or of other tasks`,
      )
    }
    this.status = status
    this.#input = input
    this.#failed = failed
    this.order.push(...order)
    for (const [name, report] of Object.entries(tasks)) this.#tasks.set(name, report)
    for (const [name, result] of Object.entries(results)) this.#results.set(name, result)
  }
}

/** With names that mean something to an object, `__proto__`, as names like any other. */
const toObject = <T>(entries: ReadonlyMap<string, T>): Record<string, T> => Object.fromEntries(entries)
