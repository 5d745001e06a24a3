// What a state machine is: its states, and the events that lead from one to another. All of it is checked before it runs.

import { failure, isObject } from '../failure.ts'

/** What happened, as guards and callbacks are told. */
export interface MachineEvent {
  readonly name: string
  readonly data: unknown
  readonly from: string
  readonly to: string
}

/** Runs at a change, on the context, which it may change. It must be done when it returns. */
export type MachineCallback<Context> = (context: Context, event: MachineEvent) => void

/** One way out of a state. */
export interface Transition<Context> {
  readonly target: string
  /** Whether it may be taken. */
  readonly guard?: (context: Context, event: MachineEvent) => boolean
  readonly action?: MachineCallback<Context>
}

/** Where an event leads: a state, a transition, or several of which the first is taken whose guard agrees. */
export type TransitionChoice<Context> = string | Transition<Context> | readonly (string | Transition<Context>)[]

/** One state. */
export interface StateDefinition<Context> {
  readonly on?: Readonly<Record<string, TransitionChoice<Context>>>
  readonly entry?: MachineCallback<Context>
  readonly exit?: MachineCallback<Context>
  /** No event leads out of it. */
  readonly final?: boolean
}

/** A machine as its author writes it. */
export interface MachineDefinition<Context> {
  readonly id: string
  readonly initial: string
  /** The context at the start: JSON. */
  readonly context?: Context
  readonly states: Readonly<Record<string, StateDefinition<Context>>>
  /** Runs after every change. */
  readonly transition?: MachineCallback<Context>
}

/** A machine that was checked: the ways out of each state by event. */
export interface CheckedMachine<Context> {
  readonly id: string
  readonly initial: string
  readonly context: Context
  readonly states: ReadonlyMap<string, CheckedState<Context>>
  readonly events: ReadonlySet<string>
  readonly transition: MachineCallback<Context> | undefined
}

/** See {@link CheckedMachine}. */
export interface CheckedState<Context> {
  readonly on: ReadonlyMap<string, readonly Transition<Context>[]>
  readonly entry: MachineCallback<Context> | undefined
  readonly exit: MachineCallback<Context> | undefined
  readonly final: boolean
}

/** @throws PluginError `machine.invalid`, all faults in one message */
export const checkMachine = <Context>(definition: MachineDefinition<Context>): CheckedMachine<Context> => {
  if (!isObject(definition) || !isObject(definition.states)) throw invalid('', ['states is missing'])
  const { id, initial, context = {} as Context, states, transition } = definition
  const faults: string[] = []
  if (typeof id !== 'string' || id === '') faults.push('id must be a name')
  if (!isObject(context)) faults.push('context must be an object')
  if (typeof initial !== 'string' || !Object.hasOwn(states, initial)) {
    faults.push(`initial names no state: ${String(initial)}`)
  }
  checkCallback(transition, 'transition', faults)
  const events = new Set<string>()
  const checked = new Map<string, CheckedState<Context>>()
  for (const [name, state] of Object.entries(states)) {
    if (!isObject(state)) {
      faults.push(`state ${name} must be an object`)
      continue
    }
    const { on = {}, entry, exit, final = false } = state
    checkCallback(entry, `entry of ${name}`, faults)
    checkCallback(exit, `exit of ${name}`, faults)
    const ways = new Map<string, readonly Transition<Context>[]>()
    for (const [event, choice] of Object.entries(on)) {
      events.add(event)
      ways.set(event, checkChoice(choice, { where: `${event} of ${name}`, states, faults }))
    }
    if (final && ways.size > 0) faults.push(`state ${name} is final and has events`)
    checked.set(name, { on: ways, entry, exit, final })
  }
  if (faults.length > 0) throw invalid(String(id), faults.toSorted())
  return { id, initial, context, states: checked, events, transition }
}

interface ChoiceCheck {
  readonly where: string
  readonly states: object
  readonly faults: string[]
}

const checkChoice = <Context>(
  choice: TransitionChoice<Context>,
  { where, states, faults }: ChoiceCheck,
): readonly Transition<Context>[] => {
  const list = (Array.isArray(choice) ? choice : [choice]) as readonly (string | Transition<Context>)[]
  if (list.length === 0) faults.push(`${where} leads nowhere`)
  return list.map((one) => {
    const way: Transition<Context> = typeof one === 'string' ? { target: one } : one
    if (!isObject(way) || typeof way.target !== 'string') faults.push(`${where} has no target`)
    else if (!Object.hasOwn(states, way.target)) faults.push(`${where} leads to no state: ${way.target}`)
    checkCallback((way as Transition<Context> | undefined)?.guard, `guard of ${where}`, faults)
    checkCallback((way as Transition<Context> | undefined)?.action, `action of ${where}`, faults)
    return way
  })
}

const checkCallback = (callback: unknown, what: string, faults: string[]): void => {
  if (callback !== undefined && typeof callback !== 'function') faults.push(`${what} must be a function`)
}

const invalid = (id: string, faults: readonly string[]) =>
  failure('machine.invalid', `machine ${id}: ${faults.join('; ')}`, [...faults])
