// CSV with a million columns, and names of columns that come again with every row.

import { afterAll, beforeAll, expect, test } from 'vitest'
import { type ComputingDoors, openComputingDoors } from '../support/computing-door.ts'

let doors: ComputingDoors
beforeAll(() => {
  doors = openComputingDoors()
})
afterAll(() => doors[Symbol.asyncDispose]())

test('a million columns', async () => {
  expect(await doors.door().refused('csv.parse', { text: ','.repeat(1_000_000) })).toMatchObject({
    code: 'limit.output',
  })
})

test('a million rows', async () => {
  expect(await doors.door().refused('csv.parse', { text: 'a\n'.repeat(1_000_000) })).toMatchObject({
    code: 'limit.output',
  })
})

test('a long name of a column is counted with every row that it is written with', async () => {
  const text = `${'n'.repeat(100_000)}\n${'1\n'.repeat(100_000)}`
  expect(await doors.door().refused('csv.parse', { text, header: true })).toMatchObject({ code: 'limit.output' })
})

test('quotation marks without end', async () => {
  const door = doors.door()
  expect(await door.refused('csv.parse', { text: `"${'""'.repeat(1_000_000)}` })).toMatchObject({
    code: 'input.invalid',
  })
  const { rows } = await door.call<{ rows: string[][] }>('csv.parse', { text: `"${'""'.repeat(1_000_000)}"` })
  expect(rows[0]?.[0]).toHaveLength(1_000_000)
})

test('one line of quoted cells alone, which must not be searched again for each of them', async () => {
  const text = '"aaaaaaaaaaaaa",'.repeat(249_000)
  // In the time of one host call.
  const { rows } = await doors.door().call<{ rows: string[][] }>('csv.parse', { text })
  expect(rows[0]).toHaveLength(249_001)
})

test('columns that mean something to objects are columns', async () => {
  const door = doors.door()
  const { rows } = await door.call<{ rows: object[] }>('csv.parse', {
    text: '__proto__,constructor\n1,2\n',
    header: true,
  })
  expect(Object.entries(rows[0] ?? {})).toEqual([
    ['__proto__', '1'],
    ['constructor', '2'],
  ])
  const written = await door.call<{ text: string }>('csv.format', {
    rows,
    columns: ['toString', '__proto__'],
    newline: '\n',
  })
  expect(written.text).toBe('toString,__proto__\n,1\n')
})

test('rows that are no rows are refused, whatever they are', async () => {
  for (const rows of ['x', { length: 3 }, [1], [null], [[[]]], [{ a: {} }]]) {
    expect(await doors.door().refused('csv.format', { rows }), JSON.stringify(rows)).toMatchObject({
      code: 'input.invalid',
    })
  }
})

test('many columns of many rows are stopped while they are written', async () => {
  const rows = Array.from({ length: 500 }, (_, index) => ({ [`column ${index}`]: 1 }))
  expect(await doors.door().refused('csv.format', { rows: [...rows, ...rows] })).toMatchObject({ code: 'limit.output' })
})
