// The steps with the agents of an embedding program: one host function, which the gate allows by role.

import { defineHostFunction } from '@bulkhead/host'
import { expect, test } from 'vitest'
import { z } from 'zod'
import { openExample, openExampleFolder } from './open-example.ts'

type Role = 'planner' | 'researcher' | 'writer' | 'reviewer'

interface Asked {
  readonly role: Role
  readonly task: unknown
}

const makeAgents = (answers: Partial<Record<Role, (task: unknown) => unknown>> = {}) => {
  const asked: Asked[] = []
  let atOnce = 0
  let most = 0
  const usual: Record<Role, (task: unknown) => unknown> = {
    planner: () => ['lantern light', 'patrols'],
    researcher: (task) => `About ${(task as { part: string }).part}.`,
    writer: () => 'Written by an agent.',
    reviewer: () => ({ verdict: 'good', why: 'it is' }),
  }
  const ask = defineHostFunction({
    name: 'agents.ask',
    input: z.object({ role: z.enum(['planner', 'researcher', 'writer', 'reviewer']), task: z.unknown() }),
    output: z.unknown(),
    needs: ({ role }) => [{ name: 'agents.ask', scope: role }],
    risk: 'read-only',
    run: async ({ input: { role, task } }) => {
      asked.push({ role, task })
      most = Math.max(most, ++atOnce)
      await new Promise((resolve) => setTimeout(resolve, 30))
      atOnce -= 1
      return { ...usual, ...answers }[role](task)
    },
  })
  return { functions: [ask], rolesAsked: () => asked.map(({ role }) => role), mostAtOnce: () => most }
}

const grants = ['notes.read', 'notes.write:Drafts/*', 'storage', 'agents.ask:*']
const question = { question: 'How does the light work?', note: 'Drafts/Light.md' }

test('plans, researches side by side, drafts and has it reviewed', async () => {
  const agents = makeAgents()
  await using steps = await openExample('agent-steps.ts', { grants, functions: agents.functions })
  expect(await steps.call('answer', question)).toEqual({
    ok: true,
    note: question.note,
    steps: [
      'plan: done',
      'research-1: done',
      'research-2: done',
      'research-3: skipped',
      'research-4: skipped',
      'draft: done',
      'review: done',
    ],
  })
  expect(agents.rolesAsked()).toEqual(['planner', 'researcher', 'researcher', 'writer', 'reviewer'])
  expect(agents.mostAtOnce()).toBe(2)
  const note = await steps.read(question.note)
  expect(note).toContain('## lantern light\n\nAbout lantern light.')
  expect(note).toContain('Written by an agent.')
})

test('an agent that is busy at first is asked again', async () => {
  let tries = 0
  const agents = makeAgents({
    planner: () => {
      if (++tries < 3) throw new Error('busy')
      return ['patrols']
    },
  })
  await using steps = await openExample('agent-steps.ts', { grants, functions: agents.functions })
  const answer = await steps.call<{ ok: boolean; steps: string[] }>('answer', question)
  expect(answer.ok).toBe(true)
  expect(answer.steps[0]).toBe('plan: done after 3 tries')
})

test('when the reviewer refuses, the draft is taken back', async () => {
  const agents = makeAgents({ reviewer: () => ({ verdict: 'bad', why: 'no figures' }) })
  await using steps = await openExample('agent-steps.ts', { grants, functions: agents.functions })
  const answer = await steps.call<{ steps: string[] }>('answer', question)
  expect(answer).toMatchObject({ ok: false, why: 'the reviewer refused it: no figures' })
  expect(answer.steps).toContain('draft: compensated')
  expect(answer.steps).toContain('review: failed after 2 tries')
  await expect(steps.read(question.note)).rejects.toMatchObject({ code: 'ENOENT' })
})

test('a run that is kept asks nobody twice, in another host as well', async () => {
  await using folder = await openExampleFolder()
  const agents = makeAgents()
  const options = { grants, functions: agents.functions, folder: folder.path }
  for (const _ of [1, 2]) {
    await using steps = await openExample('agent-steps.ts', options)
    expect(await steps.call('answer', { ...question, key: 'light' })).toMatchObject({ ok: true })
  }
  expect(agents.rolesAsked()).toHaveLength(5)
})

test('an agent that is not granted is not asked, and the steps fail with the gate’s words', async () => {
  const agents = makeAgents()
  const some = [...grants.slice(0, 3), 'agents.ask:planner']
  await using steps = await openExample('agent-steps.ts', { grants: some, functions: agents.functions })
  expect(await steps.call('answer', question)).toMatchObject({
    ok: false,
    why: expect.stringContaining('agents.ask:researcher'),
  })
  expect(agents.rolesAsked()).toEqual(['planner'])
})

test('where no program offers agents, stand-ins work with the vault alone', async () => {
  await using steps = await openExample('agent-steps.ts', { grants })
  const asked = { question: 'What is slack water, and what does the lantern do?', note: 'Drafts/Both.md' }
  expect(await steps.call('answer', asked)).toMatchObject({ ok: true })
  expect(await steps.read(asked.note)).toMatch(/^## What is slack water$[^]*Sources: \[\[/m)
  const unknown = { question: 'Xylophones?', note: 'Drafts/None.md' }
  expect(await steps.call('answer', unknown)).toMatchObject({ ok: false, why: expect.stringContaining('0 sources') })
  await expect(steps.read(unknown.note)).rejects.toMatchObject({ code: 'ENOENT' })
})
