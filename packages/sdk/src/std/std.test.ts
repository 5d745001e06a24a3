// The library outside of a tier, as the unit test of a plugin uses it. What it does is said by the cases of tests/standard-library.

import { expect, test } from 'vitest'
import { PluginError } from '../errors.ts'
import { makeFakeContext } from '../testing.ts'
import { graph, machine, workflow } from './index.ts'

const counter = {
  id: 'counter',
  initial: 'on',
  context: { count: 0 },
  states: {
    on: {
      on: {
        ADD: {
          target: 'on',
          action: (context: { count: number }) => {
            context.count += 1
          },
        },
      },
    },
  },
}

test('a kept machine works on a fake context', async () => {
  const { call, store } = makeFakeContext()
  const kept = machine.persisted(counter, 'counter', { call })
  await kept.send('ADD')
  await kept.send('ADD')
  expect((await kept.read()).context).toEqual({ count: 2 })
  expect(store.get('counter')).toMatchObject({ machine: 'counter', state: 'on' })
})

test('a kept workflow works on a fake context', async () => {
  const { call } = makeFakeContext()
  const definition = { name: 'one', tasks: [{ name: 'a', run: () => 1 }] }
  expect(await workflow.run(definition, { key: 'run', call })).toMatchObject({ ok: true, results: { a: 1 } })
})

test('without a host its areas say so', () => {
  expect(() => graph.stats({ edges: [] })).toThrow(PluginError)
})

test('a callback that is not done when it returns is refused', () => {
  const asynchronous = { ...counter, transition: (async () => {}) as never }
  expect(() => machine.define(asynchronous).start().send('ADD')).toThrow('must not be async')
})
