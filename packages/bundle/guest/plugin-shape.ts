// What of a plugin's module is an action: the actions of a plugin made with `definePlugin`, else its exported functions.

import type { PluginContext } from '../../sdk/src/context.ts'

/** An action's code. */
export type Run = (input: unknown, context: PluginContext) => unknown

/** A plugin as `definePlugin` makes it. */
interface PluginShape {
  readonly bulkhead: 1
  readonly actions: Readonly<Record<string, Readonly<Record<string, unknown>> & { invoke: Run }>>
}

const { hasOwn, keys, entries, fromEntries, getOwnPropertyDescriptor } = Object
const { stringify } = JSON

/** JSON: action name → what the plugin says of it. */
export const describeActions = (namespace: Record<string, unknown>): string => {
  const plugin = asPlugin(namespace)
  if (plugin === undefined) {
    const names = keys(namespace).filter((name) => isAction(namespace[name]))
    return stringify(fromEntries(names.map((name) => [name, {}])))
  }
  return stringify(
    fromEntries(
      entries(plugin.actions).map(([name, { description, input, output, risk, timeoutMs }]) => [
        name,
        { description, input, output, risk, timeoutMs },
      ]),
    ),
  )
}

/** Undefined when there is no such action. */
export const findAction = (namespace: Record<string, unknown>, name: string): Run | undefined => {
  const plugin = asPlugin(namespace)
  if (plugin !== undefined) {
    const action = hasOwn(plugin.actions, name) ? plugin.actions[name] : undefined
    return action === undefined ? undefined : (input, context) => action.invoke(input, context)
  }
  const value = hasOwn(namespace, name) ? namespace[name] : undefined
  return isAction(value) ? value : undefined
}

const asPlugin = (namespace: Record<string, unknown>): PluginShape | undefined => {
  const candidate = namespace['default'] as Partial<PluginShape> | null | undefined
  return typeof candidate === 'object' && candidate !== null && candidate.bulkhead === 1
    ? (candidate as PluginShape)
    : undefined
}

/** A function that is no class: the prototype of a class cannot be replaced. */
const isAction = (value: unknown): value is Run =>
  typeof value === 'function' && getOwnPropertyDescriptor(value, 'prototype')?.writable !== false
