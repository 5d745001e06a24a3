import fc from 'fast-check'
import { expect, test } from 'vitest'
import { openLifecycle, type PluginState, pluginStates, validTransition } from './lifecycle.ts'

const rows: [PluginState, PluginState, boolean][] = [
  ['discovered', 'validating', true],
  ['validating', 'loading', true],
  ['loading', 'running', true],
  ['running', 'draining', true],
  ['draining', 'stopping', true],
  ['stopping', 'stopped', true],
  ['validating', 'error', true],
  ['loading', 'error', true],
  ['running', 'error', true],
  ['discovered', 'running', false],
  ['stopped', 'running', false],
  ['running', 'discovered', false],
]

test.each(rows)('%s to %s: %s', (from, to, allowed) => {
  expect(validTransition(from, to)).toBe(allowed)
})

test('of all pairs, only the chain and errors of working states are allowed', () => {
  const allowed = pluginStates.flatMap((from) =>
    pluginStates.filter((to) => validTransition(from, to)).map((to) => `${from} ${to}`),
  )
  expect(allowed).toEqual([
    'discovered validating',
    'validating loading',
    'validating error',
    'loading running',
    'loading error',
    'running draining',
    'running error',
    'draining stopping',
    'draining error',
    'stopping stopped',
    'stopping error',
  ])
  expect(validTransition('constructor' as PluginState, 'running')).toBe(false)
})

test('a refused transition leaves the state as it was', () => {
  const life = openLifecycle('telegram')
  expect(life.state).toBe('discovered')
  life.transitionTo('validating')
  expect(() => life.transitionTo('running')).toThrow(
    expect.objectContaining({ code: 'lifecycle.transition', hint: 'From validating it can go to loading or error.' }),
  )
  expect(life.state).toBe('validating')
})

test('listeners hear each transition, and one that throws stops neither the others nor the transition', () => {
  const life = openLifecycle('telegram')
  const heard: string[] = []
  life.onTransition(() => {
    throw new Error('mine')
  })
  const stop = life.onTransition((to, from) => heard.push(`${from}>${to}`))
  expect(() => life.transitionTo('validating')).toThrow('mine')
  expect(life.state).toBe('validating')
  stop()
  expect(() => life.transitionTo('error')).toThrow('mine')
  expect(heard).toEqual(['discovered>validating'])
})

test('whatever is tried, the state is always one that the table leads to', () => {
  fc.assert(
    fc.property(fc.array(fc.constantFrom(...pluginStates)), (steps) => {
      const life = openLifecycle('any')
      for (const to of steps) {
        const from = life.state
        try {
          life.transitionTo(to)
          expect(validTransition(from, to)).toBe(true)
        } catch {
          expect(life.state).toBe(from)
        }
      }
    }),
  )
})
