import { rm } from 'node:fs/promises'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { openExample, openExampleFolder } from './open-example.ts'

const grants = ['notes.read', 'notes.write', 'storage']
const review = { folder: 'Research', note: 'Research/Review.md' }

interface Review {
  readonly ok: boolean
  readonly ran: number
  readonly phases: readonly string[]
  readonly why?: string
  readonly diff?: readonly string[]
}

test('a dry run shows the note and writes none; a write makes it', async () => {
  await using workflow = await openExample('multi-phase-workflow.lua', { grants })
  const dry = await workflow.call<Review>('review', review)
  expect(dry).toMatchObject({
    ok: true,
    ran: 7,
    left_out: [
      { path: 'Research/Papers/Cartwright 1999.md', why: 'status is reading' },
      { path: 'Research/Papers/Cooley and Tukey 1965.md', why: 'status is skimmed' },
    ].toReversed(),
  })
  await expect(workflow.read(review.note)).rejects.toMatchObject({ code: 'ENOENT' })
  expect(await workflow.call('review', { ...review, options: { write: true } })).toMatchObject({ ok: true })
  const note = await workflow.read(review.note)
  expect(dry.diff?.filter((line) => line.startsWith('+') && !line.startsWith('+++')).join('\n')).toBe(
    note.trimEnd().replace(/^/gm, '+'),
  )
  // The papers by year, and who of the open questions is asked about most.
  expect([...note.matchAll(/^\| (\d{4}) /gm)].map(([, year]) => year)).toEqual(
    [...note.matchAll(/^\| (\d{4}) /gm)].map(([, year]) => year).toSorted(),
  )
  expect(note).toContain('[@lovelace1843]')
})

test('what was done is kept: a run with the same key does none of it again', async () => {
  await using folder = await openExampleFolder()
  const kept = { ...review, options: { write: true, key: 'review' } }
  {
    await using workflow = await openExample('multi-phase-workflow.lua', { grants, folder: folder.path })
    expect(await workflow.call('review', kept)).toMatchObject({ ok: true, ran: 7 })
  }
  await rm(join(folder.path, 'vault', review.note))
  await using workflow = await openExample('multi-phase-workflow.lua', { grants, folder: folder.path })
  expect(await workflow.call('review', kept)).toMatchObject({ ok: true, ran: 0 })
  await expect(workflow.read(review.note)).rejects.toMatchObject({ code: 'ENOENT' })
})

test('when the last phase fails, what was published is taken back', async () => {
  await using workflow = await openExample('multi-phase-workflow.lua', { grants })
  const strict = { ...review, options: { write: true, most_broken: -1 } }
  const failed = await workflow.call<Review>('review', strict)
  expect(failed).toMatchObject({ ok: false, why: expect.stringContaining('links that lead nowhere') })
  expect(failed.phases).toContain('publish: compensated')
  expect(failed.phases).toContain('verify: failed')
  await expect(workflow.read(review.note)).rejects.toMatchObject({ code: 'ENOENT' })
  expect(await workflow.read('.trash/Research/Review.md').catch(() => workflow.read('.trash/Review.md'))).toContain(
    '# Review of Research',
  )
})

test('a note that is there already is not written over', async () => {
  await using workflow = await openExample('multi-phase-workflow.lua', { grants })
  const before = await workflow.read('Research/Bibliography.md')
  const onto = { folder: 'Research', note: 'Research/Bibliography.md', options: { write: true } }
  expect(await workflow.call('review', onto)).toMatchObject({ ok: false })
  expect(await workflow.read('Research/Bibliography.md')).toBe(before)
})
