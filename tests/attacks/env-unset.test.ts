// A plugin probes for variables that it was not granted, and for Bulkhead's own.

import { makeEnvFunctions } from '@bulkhead/service-env'
import { expect, test } from 'vitest'
import { openDoor } from '../support/door.ts'

const env = { GEMINI_KEY: 'g', SECRET: 's', BULKHEAD_HOME: '/home', bulkhead_token: 't', EMPTY: '' }

test('what is not granted, not set, or Bulkhead’s own all look the same', async () => {
  const door = openDoor({ functions: makeEnvFunctions({ env }), grants: ['env:GEMINI_*', 'env:EMPTY', 'env:UNSET'] })
  const get = (name: string) => door.call('env.get', { name })
  expect(await get('GEMINI_KEY')).toEqual({ value: 'g' })
  expect(await get('EMPTY')).toEqual({ value: '' })
  for (const name of [
    'SECRET',
    'UNSET',
    'GEMINI_NONE',
    '__proto__',
    'constructor',
    'toString',
    'A B',
    'GEMINI_*',
    '*',
  ]) {
    expect(await get(name)).toEqual({ value: null })
  }
  expect(door.decisions).toContain('denied env:SECRET')
})

test('Bulkhead’s own variables, and what every object has, stay unset under any grant', async () => {
  const door = openDoor({ functions: makeEnvFunctions({ env }), grants: ['env:*'] })
  expect(await door.call('env.get', { name: 'SECRET' })).toEqual({ value: 's' })
  for (const name of ['BULKHEAD_HOME', 'bulkhead_token', 'BULKHEAD', 'constructor', '__proto__']) {
    expect(await door.call('env.get', { name })).toEqual({ value: null })
  }
})

test.each(['', 'A=B', 'A\0', 'x'.repeat(257)])('%j is no name', async (name) => {
  const door = openDoor({ functions: makeEnvFunctions({ env }), grants: ['env:*'] })
  expect((await door.refused('env.get', { name })).code).toBe('input.invalid')
})
