// How a plugin is written: actions with schemas, gathered in a plugin. The same source runs in the script tier and in a
// process; whoever runs it calls `invoke`, which checks input and output around the author's function.

import type { ContextArea, ContextWith, PluginContext } from './context.ts'
import { PluginError, ValidationError } from './errors.ts'
import type { FromSchema, JsonSchema } from './json-schema.ts'
import { makeCheck } from './validate.ts'

/** How much harm an action can do, from the least to the most. */
export type ActionRisk = 'read-only' | 'write' | 'risky' | 'dangerous'

/** What describes an action whatever its types. */
export interface ActionTraits {
  readonly description?: string
  readonly risk?: ActionRisk
  /** Milliseconds; the host's limits may be stricter. */
  readonly timeoutMs?: number
}

/** An action as its author writes it, with types given by hand. */
export interface ActionDefinition<TInput, TOutput> extends ActionTraits {
  readonly input?: JsonSchema
  readonly output?: JsonSchema
  readonly uses?: readonly ContextArea[]
  run(input: TInput, context: PluginContext): TOutput | Promise<TOutput>
}

/** An action as its author writes it, with types taken from the schemas. */
export interface SchemaActionDefinition<
  Input extends JsonSchema,
  Output extends JsonSchema,
  Areas extends readonly ContextArea[],
> extends ActionTraits {
  readonly input: Input
  readonly output?: Output
  /** Areas that the action cannot do without: they are certain in its context, and missing ones fail early. */
  readonly uses?: Areas
  run(input: FromSchema<Input>, context: ContextWith<Areas>): FromSchema<Output> | Promise<FromSchema<Output>>
}

/** An action that takes and gives anything. */
export interface SchemalessActionDefinition extends Omit<ActionDefinition<unknown, unknown>, 'input' | 'output'> {
  readonly input?: undefined
  readonly output?: undefined
}

// Stands for types that were not given, so that a schema that does not fit is an error instead of being passed over.
declare const unstated: unique symbol
interface Unstated {
  readonly [unstated]: true
}

/** A callable of a plugin. */
export interface PluginAction<TInput = unknown, TOutput = unknown> extends ActionTraits {
  readonly input: JsonSchema | undefined
  readonly output: JsonSchema | undefined
  /** The author's function inside its checks. @throws ValidationError, PluginError, or what the function throws */
  invoke(input: TInput, context: PluginContext): Promise<TOutput>
}

// biome-ignore lint/suspicious/noExplicitAny: a plugin's table forgets the types of its actions.
// oxlint-disable-next-line typescript/no-explicit-any
type AnyAction = PluginAction<any, any>

/** A plugin as its author writes it. */
export interface PluginDefinition<Actions extends Readonly<Record<string, AnyAction>>> {
  readonly name?: string
  readonly version?: string
  readonly description?: string
  readonly actions: Actions
}

/** What {@link definePlugin} gives: the default export of a plugin's entry file. */
export interface Plugin<Actions extends Readonly<Record<string, AnyAction>> = Readonly<Record<string, AnyAction>>>
  extends PluginDefinition<Actions> {
  /** Version of this contract; how a runtime tells a plugin from any other object. */
  readonly bulkhead: 1
}

/**
 * Defines an action. With an `input` schema and no type arguments the types come from the schemas; with
 * `defineAction<TInput, TOutput>` they are yours, and the schemas are still checked.
 */
export function defineAction<
  const Input extends JsonSchema,
  const Output extends JsonSchema,
  const Areas extends readonly ContextArea[],
>(definition: SchemaActionDefinition<Input, Output, Areas>): PluginAction<FromSchema<Input>, FromSchema<Output>>
export function defineAction(definition: SchemalessActionDefinition): PluginAction
export function defineAction<TInput = Unstated, TOutput = Unstated>(
  definition: [TInput] extends [Unstated] ? never : ActionDefinition<NoInfer<TInput>, NoInfer<TOutput>>,
): PluginAction<TInput, TOutput>
export function defineAction(
  definition: ActionDefinition<unknown, unknown> | SchemalessActionDefinition,
): PluginAction {
  const { input, output, uses = [], run } = definition
  const checkInput = makeCheck(input, 'input')
  const checkOutput = makeCheck(output, 'output')
  return Object.freeze({
    ...(definition.description === undefined ? {} : { description: definition.description }),
    ...(definition.risk === undefined ? {} : { risk: definition.risk }),
    ...(definition.timeoutMs === undefined ? {} : { timeoutMs: definition.timeoutMs }),
    input,
    output,
    invoke: async (value: unknown, context: PluginContext) => {
      for (const area of uses) {
        if (context[area] !== undefined) continue
        throw new PluginError(`the action ${context.action} uses ${area}, which the manifest does not ask for`, {
          code: 'area-missing',
          details: { area, mend: mends[area] },
        })
      }
      const faults = checkInput(value)
      if (faults.length > 0) throw new ValidationError('input-invalid', faults)
      const result = await run.call(definition, value, context)
      const misfits = checkOutput(result)
      if (misfits.length > 0) throw new ValidationError('output-invalid', misfits)
      return result
    },
  })
}

const mends: Readonly<Record<ContextArea, string>> = {
  http: 'Add permissions.network to the manifest.',
  fs: 'Add permissions.filesystem to the manifest.',
  env: 'Add permissions.env to the manifest.',
  kv: 'Add permissions.storage to the manifest.',
  notes: 'Add permissions.notes to the manifest.',
}

/** Defines a plugin: `export default definePlugin({ actions: { … } })`. */
export const definePlugin = <const Actions extends Readonly<Record<string, AnyAction>>>(
  definition: PluginDefinition<Actions>,
): Plugin<Actions> => Object.freeze({ ...definition, actions: Object.freeze({ ...definition.actions }), bulkhead: 1 })
