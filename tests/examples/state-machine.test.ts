import { expect, test } from 'vitest'
import { openExample, openExampleFolder } from './open-example.ts'

const grants = ['storage']

test('a quest is done when its steps are, and failed and tried again a few times only', async () => {
  await using machines = await openExample('state-machine.rune', { grants })
  const send = (event: string, data?: object) =>
    machines.call('send', { kind: 'quest', name: 'Light', event, ...(data === undefined ? {} : { data }) })
  await expect(send('progress')).resolves.toMatchObject({ changed: false, state: 'offered', reason: 'no-transition' })
  expect(await send('accept', { steps: 2, reward: 50 })).toMatchObject({ changed: true, state: 'active' })
  expect(await send('progress')).toMatchObject({ context: { done: 1 } })
  expect(await send('complete')).toMatchObject({ changed: false, state: 'active', reason: 'guard' })
  for (const _ of [1, 2]) {
    expect(await send('fail')).toMatchObject({ state: 'failed', context: { done: 0 } })
    expect(await send('retry')).toMatchObject({ changed: true, state: 'active' })
  }
  await send('fail')
  expect(await send('retry')).toMatchObject({ changed: false, state: 'failed', reason: 'guard' })
  expect(await send('give_up')).toMatchObject({ state: 'abandoned' })
  expect(await send('accept')).toMatchObject({ changed: false, reason: 'final' })
  await expect(send('dance')).rejects.toThrow('no state knows the event dance')
})

test('a completed quest pays, a bug needs somebody, and both outlive the host', async () => {
  await using folder = await openExampleFolder()
  {
    await using machines = await openExample('state-machine.rune', { grants, folder: folder.path })
    const send = (kind: string, event: string, data: object = {}) =>
      machines.call('send', { kind, name: 'One', event, data })
    await send('quest', 'accept', { steps: 1, reward: 5 })
    await send('quest', 'progress')
    expect(await send('quest', 'complete')).toMatchObject({ state: 'completed', context: { paid: true, reward: 5 } })
    expect(await send('bug', 'start')).toMatchObject({ changed: false, reason: 'guard' })
    expect(await send('bug', 'start', { who: 'Ada' })).toMatchObject({ state: 'in work', context: { who: 'Ada' } })
    await send('bug', 'review')
    expect(await send('bug', 'refuse')).toMatchObject({ state: 'in work', context: { reviews: 1 } })
  }
  await using machines = await openExample('state-machine.rune', { grants, folder: folder.path })
  expect(await machines.call('board', { kind: 'quest' })).toEqual({ One: 'completed' })
  expect(await machines.call('show', { kind: 'bug', name: 'One' })).toMatchObject({
    state: 'in work',
    path: ['start: open → in work', 'review: in work → in review', 'refuse: in review → in work'],
  })
})

test('draws both machines', async () => {
  await using machines = await openExample('state-machine.rune')
  const dot = await machines.call<string>('diagram', { kind: 'bug', format: 'dot' })
  expect(dot).toMatch(/^digraph "bug" \{[^]*label="start \[guarded\]"[^]*\}\n$/)
  const mermaid = await machines.call<string>('diagram', { kind: 'quest' })
  expect(mermaid).toMatch(/^stateDiagram-v2\n/)
  expect(mermaid).toContain('state "completed" as')
})
