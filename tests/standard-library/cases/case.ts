// What a case of the standard library is: data alone, so that one table holds for every language. What the functions in it do is
// said in a few words that each language's adapter understands.

/** JSON. */
type Data = null | boolean | number | string | readonly Data[] | { readonly [name: string]: Data }

/** What is to come of it: a value, or an error of that code. */
type Expected = { readonly value: Data } | { readonly error: { readonly code: string; readonly message?: string } }

interface Named {
  /** What it shows. */
  readonly name: string
}

/** A function of `text`, `paths`, or an area of the host. Names in snake case, as the guest API has them. */
export interface FunctionCase extends Named {
  readonly kind: 'function'
  readonly area: string
  readonly call: string
  readonly args: readonly Data[]
  readonly expect: Expected
}

/** A callback of a machine: adds to the context, notes in the log, fails. */
interface Callback {
  readonly add?: readonly [member: string, amount: number]
  readonly log?: string
  readonly fail?: string
  readonly [name: string]: Data | undefined
}
/** A guard: whether a member of the context is at least so much, or the data of the event is that. */
interface Guard {
  readonly least?: readonly [member: string, amount: number]
  readonly data?: Data
  readonly [name: string]: Data | undefined
}
interface Way {
  readonly target: string
  readonly guard?: Guard
  readonly action?: Callback
}
type Choice = string | Way | readonly (string | Way)[]

/** A machine with callbacks in those words. */
export interface MachineWords {
  readonly id: string
  readonly initial: string
  readonly context?: { readonly [name: string]: Data }
  readonly transition?: Callback
  readonly states: {
    readonly [name: string]: {
      readonly on?: { readonly [event: string]: Choice }
      readonly entry?: Callback
      readonly exit?: Callback
      readonly final?: boolean
    }
  }
}

/** One thing done with a machine. */
type Step =
  | { readonly send: string; readonly data?: Data }
  | { readonly can: string; readonly data?: Data }
  | { readonly read: 'state' | 'context' | 'history' | 'done' }
  | { readonly save: true }
  | { readonly restore: Data }
  | { readonly picture: 'dot' | 'mermaid' }
  /** On the machine that is kept under `kept`. */
  | { readonly kept: string; readonly send: string; readonly data?: Data }

/** A machine, what is done with it, and what comes of each step. */
export interface MachineCase extends Named {
  readonly kind: 'machine'
  readonly definition: MachineWords
  readonly steps: readonly Step[]
  readonly expect:
    | { readonly results: readonly Data[]; readonly log?: readonly string[] }
    | { readonly error: { readonly code: string; readonly message?: string } }
}

/** What a task does: notes its name, sleeps, fails some times, gives a value or what others gave. */
interface TaskWords {
  readonly give?: Data
  readonly collect?: readonly string[]
  readonly input?: boolean
  readonly fail?: string
  /** How many tries fail; all when absent. */
  readonly times?: number
  readonly sleep?: number
  readonly log?: boolean
}

/** A workflow with functions in those words. */
export interface WorkflowWords {
  readonly name: string
  readonly tasks: readonly {
    readonly name: string
    readonly needs?: readonly string[]
    readonly run?: TaskWords
    readonly retry?: { readonly [name: string]: number }
    readonly timeout_ms?: number
    readonly compensate?: TaskWords
    /** Whether the input is that. */
    readonly when?: Data
  }[]
}

/** A workflow, how it is run, and what comes of it. */
export interface WorkflowCase extends Named {
  readonly kind: 'workflow'
  readonly definition: WorkflowWords
  readonly options?: { readonly input?: Data; readonly concurrency?: number; readonly key?: string }
  /** How often it is run, one run after the other; the report is that of the last. */
  readonly runs?: number
  /** What is kept under the key before. */
  readonly kept?: Data
  readonly picture?: 'dot' | 'mermaid'
  readonly expect:
    | {
        readonly report?: Data
        readonly log?: readonly string[]
        readonly progress?: readonly string[]
        readonly text?: string
      }
    | { readonly error: { readonly code: string; readonly message?: string } }
}

/** Any case. */
export type LibraryCase = FunctionCase | MachineCase | WorkflowCase

/** Makes the cases of one function. */
export const calls = (
  area: string,
  call: string,
  list: readonly (readonly [args: readonly Data[], expect: Expected])[],
): FunctionCase[] =>
  list.map(([args, expect]) => ({
    kind: 'function',
    name: `${area}.${call} ${JSON.stringify(args).slice(0, 80)}`,
    area,
    call,
    args,
    expect,
  }))

/** A value that is expected. */
export const gives = (value: Data): Expected => ({ value })
/** An error that is expected. */
export const fails = (code: string, message?: string): Expected => ({
  error: message === undefined ? { code } : { code, message },
})
