import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { openExample, openExampleFolder } from './open-example.ts'

const path = 'Slackwater/Playtests/playtests.csv'
const grants = ['filesystem.read:./', 'notes.read', 'notes.write:Slackwater/*']

interface Summary {
  readonly rows: number
  readonly summary: readonly {
    readonly group: string
    readonly column: string
    readonly figures: Readonly<Record<string, number>>
  }[]
}

test('its figures are those of the file', async () => {
  await using processing = await openExample('data-processing.lua', { grants })
  const rows = (await processing.read(path))
    .trim()
    .split('\n')
    .slice(1)
    .map((line) => line.split(','))
  const found = await processing.call<Summary>('summarise', { path, by: 'evening' })
  expect(found).toMatchObject({
    rows: rows.length,
    columns: ['player', 'evening', 'minutes', 'earned', 'seen', 'late'],
  })
  // Names and yes or no are no numbers.
  expect(new Set(found.summary.map(({ column }) => column))).toEqual(new Set(['minutes', 'earned', 'seen']))
  for (const { group, column, figures } of found.summary) {
    const at = ['player', 'evening', 'minutes', 'earned', 'seen'].indexOf(column)
    const values = rows.filter(([, evening]) => evening === group).map((row) => Number(row[at]))
    const sorted = values.toSorted((a, b) => a - b)
    const mean = values.reduce((sum, value) => sum + value, 0) / values.length
    const variance = values.reduce((sum, value) => sum + (value - mean) ** 2, 0) / (values.length - 1)
    expect(figures['count']).toBe(values.length)
    expect(figures['least']).toBe(sorted[0])
    expect(figures['most']).toBe(sorted.at(-1))
    expect(figures['mean']).toBeCloseTo(mean, 1)
    expect(figures['deviation']).toBeCloseTo(Math.sqrt(variance), 1)
    expect(figures['median']).toBeCloseTo(((sorted[2] ?? 0) + (sorted[3] ?? 0)) / 2, 1)
  }
})

test('quotes, empty fields and bars come through to the table of the note', async () => {
  await using folder = await openExampleFolder()
  const csv = 'kind,"a, b",empty\n"x|y",1,\n"x|y",3,\nz,5,\n'
  await writeFile(join(folder.path, 'vault/odd.csv'), csv)
  await using processing = await openExample('data-processing.lua', { grants, folder: folder.path })
  const note = 'Slackwater/Odd.md'
  const report = { path: 'odd.csv', note, by: 'kind' }
  expect(await processing.call('report', report)).toMatchObject({ written: false })
  await expect(processing.read(note)).rejects.toMatchObject({ code: 'ENOENT' })
  await processing.call('report', { ...report, write: true })
  expect((await processing.read(note)).split('\n').slice(-4)).toEqual([
    '| --- | --- | ---: | ---: | ---: | ---: | ---: | ---: |',
    '| x\\|y | a, b | 2 | 2.00 | 1.41 | 1 | 2.00 | 3 |',
    '| z | a, b | 1 | 5.00 | 0.00 | 5 | 5.00 | 5 |',
    '',
  ])
})

test('says which columns there are, and stays within its grants', async () => {
  await using processing = await openExample('data-processing.lua', { grants })
  await expect(processing.call('summarise', { path, by: 'colour' })).rejects.toThrow(
    'has no column colour, but: player',
  )
  await expect(processing.call('summarise', { path: '../home/kv.sqlite' })).rejects.toMatchObject({
    code: 'capability.denied',
  })
  const elsewhere = { path, note: 'Research/Figures.md', write: true }
  await expect(processing.call('report', elsewhere)).rejects.toMatchObject({ code: 'capability.denied' })
})
