// ---
// name: agent-steps
// version: 1.0.0
// type: tool
// description: Several agents work on one question in steps that need each other; what they write is kept or taken back as a whole.
// permissions:
//   notes: [read, write]
//   storage: true
// capabilities: ['agents.ask:*']
// ---
//
// Use: a program offers its agents as one host function, `agents.ask`; this plugin says who does what after what. A planner cuts a
// question in parts, researchers take the parts side by side, a writer drafts a note, a reviewer judges it. A step that fails is
// tried again; when the review fails for good, the draft goes to the trash. Where no program offers agents, stand-ins do the
// steps with nothing but the vault's search, so that the whole can be tried at a terminal.

import { workflow } from '@bulkhead/sdk/std'

interface Finding {
  readonly part: string
  readonly notes: readonly { readonly path: string; readonly snippet: string }[]
  readonly says: string
}

interface Agents {
  plan(question: string): Promise<readonly string[]>
  research(part: string): Promise<Finding>
  draft(question: string, findings: readonly Finding[]): Promise<string>
  review(text: string): Promise<{ readonly verdict: 'good' | 'bad'; readonly why: string }>
}

const nameOf = (path: string): string => path.replace(/^.*\//, '').replace(/\.md$/, '')
const oneLine = (text: string): string => text.replaceAll(/\s+/g, ' ').trim()

/** What a question is about: its words, without those that every question has. */
const wordsOf = (part: string): string =>
  (part.match(/\p{L}{4,}/gu) ?? [])
    .filter((word) => !/^(?:what|when|where|which|does|have|were|with)$/i.test(word))
    .join(' ')

const search = async (part: string): Promise<Finding['notes']> =>
  (await host.notes.search(wordsOf(part) || part, { limit: 3 })).map(({ path, snippet }) => ({
    path,
    snippet: oneLine(snippet),
  }))

const draftOf = (question: string, findings: readonly Finding[]): string =>
  [
    '---\ntags: [draft]\n---',
    `# ${question}\n`,
    ...findings.map(
      ({ part, notes, says }) =>
        `## ${part}\n\n${says}\n\nSources: ${notes.map(({ path }) => `[[${nameOf(path)}]]`).join(', ')}\n`,
    ),
  ].join('\n')

/** The first sentence of a note that has one of the words; empty when there is none. */
const sentenceOf = async (path: string, words: string): Promise<string> => {
  const { content } = await host.notes.read(path)
  const wanted = words.toLowerCase().split(' ')
  const sentences = content.split(/(?<=[.!?])\s+|\n{2,}/).map(oneLine)
  const says = (sentence: string): boolean => wanted.some((word) => sentence.toLowerCase().includes(word))
  return sentences.find((sentence) => /^\p{Lu}/u.test(sentence) && says(sentence)) ?? ''
}

/** Agents without a model: each does its step with what the vault has. */
const standIns: Agents = {
  // A question falls apart at "and" and at commas.
  plan: async (question) =>
    question
      .replace(/\?$/, '')
      .split(/,\s*(?:and\s+)?|\s+and\s+/)
      .map((part) => part.trim())
      .filter((part) => part !== ''),
  research: async (part) => {
    const notes = await search(part)
    const found = await Promise.all(notes.map(({ path }) => sentenceOf(path, wordsOf(part))))
    return { part, notes, says: found.filter((sentence) => sentence !== '').join(' ') || 'Nothing was found.' }
  },
  draft: async (question, findings) => draftOf(question, findings),
  review: async (text) => {
    const sources = new Set([...text.matchAll(/\[\[([^\]]+)\]\]/g)].map(([, name]) => name))
    return sources.size >= 2
      ? { verdict: 'good', why: `${sources.size} sources` }
      : { verdict: 'bad', why: `only ${sources.size} sources` }
  },
}

/** The program's own agents: each step is one call, which the gate allows or not. */
const programs: Agents = {
  plan: async (question) => (await ask('planner', { question })) as string[],
  research: async (part) => {
    const notes = await search(part)
    return { part, notes, says: String(await ask('researcher', { part, notes })) }
  },
  draft: async (question, findings) => {
    const opening = String(await ask('writer', { question, findings }))
    return `${draftOf(question, findings)}\n${opening}\n`
  },
  review: async (text) => (await ask('reviewer', { text })) as Awaited<ReturnType<Agents['review']>>,
}

const ask = (role: string, task: unknown): Promise<unknown> => host.call('agents.ask', { role, task })

/** Retries: an agent may be busy. Chance takes nothing off the waits, so that two runs are alike. */
const retry = { attempts: 3, backoffMs: 20, jitter: 0 }

/** How many parts are researched; more are left out. */
const mostParts = 4

const stepsOf = (agents: Agents, note: string) => {
  const parts = Array.from({ length: mostParts }, (_, index) => index)
  const partOf = (results: Readonly<Record<string, unknown>>, index: number) =>
    (results['plan'] as readonly string[])[index]
  return workflow.define({
    name: 'agent-steps',
    tasks: [
      {
        name: 'plan',
        run: ({ input }) => agents.plan((input as { question: string }).question),
        retry,
        timeoutMs: 20_000,
      },
      ...parts.map((index) => ({
        name: `research-${index + 1}`,
        needs: ['plan'],
        when: ({ results }: { results: Readonly<Record<string, unknown>> }) => partOf(results, index) !== undefined,
        run: ({ results }: { results: Readonly<Record<string, unknown>> }) =>
          agents.research(partOf(results, index) ?? ''),
        retry,
        timeoutMs: 20_000,
      })),
      {
        name: 'draft',
        needs: parts.map((index) => `research-${index + 1}`),
        run: async ({ input, results }) => {
          const findings = parts.flatMap((index) => (results[`research-${index + 1}`] as Finding | undefined) ?? [])
          const text = await agents.draft((input as { question: string }).question, findings)
          await host.notes.write(note, text, { mode: 'create' })
          return text
        },
        compensate: () => host.notes.delete(note),
        timeoutMs: 20_000,
      },
      {
        name: 'review',
        needs: ['draft'],
        run: async ({ results }) => {
          const { verdict, why } = await agents.review(String(results['draft']))
          if (verdict !== 'good') throw new Error(`the reviewer refused it: ${why}`)
          return why
        },
        retry: { ...retry, attempts: 2 },
        timeoutMs: 20_000,
      },
    ],
  })
}

const chosen = (): Agents =>
  (host as unknown as Record<string, unknown>)['agents'] === undefined ? standIns : programs

/**
 * Answers a question with a note. With a `key` the run is kept, and goes on where it was when it is called again.
 * @risk write
 */
export const answer = async ({ question, note, key }: { question: string; note: string; key?: string }) => {
  const report = await stepsOf(chosen(), note).run({
    input: { question },
    concurrency: 3,
    ...(key === undefined ? {} : { key }),
  })
  const steps = Object.entries(report.tasks).map(
    ([task, { status, attempts }]) => `${task}: ${status}${attempts > 1 ? ` after ${attempts} tries` : ''}`,
  )
  const failure = report.failed === undefined ? undefined : report.tasks[report.failed]?.error
  return { ok: report.ok, note, steps, ...(failure === undefined ? {} : { why: failure.message }) }
}

/**
 * The steps as a Mermaid diagram.
 * @risk read-only
 */
export const diagram = () => stepsOf(standIns, 'Drafts/answer.md').toMermaid()
