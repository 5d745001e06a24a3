// notes.rename: another path for a note, and every link to it written anew. What has to be rewritten is known only on the way, so
// the gate is asked again for each of those notes before any of them is touched.

import { type AnyHostFunction, BulkheadError, defineHostFunction, type RunContext } from '@bulkhead/kernel'
import { z } from 'zod'
import type { VaultClient } from '../vault-client-node.ts'
import type { Vaults } from '../vaults-node.ts'
import type { Answers } from '../wire.ts'
import { callerOf, notePath, reading, sightOf, writing } from './fields.ts'
import { changeFields, optionsOf } from './write-functions.ts'

/** Capabilities that the gate is asked for at once; it takes at most 256. */
const askedAtOnce = 200
/** Plans that are made anew because somebody wrote a link meanwhile. */
const mostPlans = 5

interface RenameInput {
  readonly from: string
  readonly to: string
  readonly links: 'rewrite' | 'keep'
  readonly ifVersion?: string | undefined
  readonly dryRun: boolean
  readonly diff: boolean
}

const requireWriting = async (paths: readonly string[], context: RunContext): Promise<void> => {
  const closed = paths.filter((path) => !context.allows(writing(path)))
  const sees = sightOf(context)
  const shown = closed.filter(sees).slice(0, 10)
  if (closed.length > 0) {
    // For the record; what it says names notes that the plugin may not know of, so the plugin gets other words.
    await context.check(closed.slice(0, 1).map(writing)).catch(() => undefined)
    // Nor how many there are.
    const which = shown.length === 0 ? '' : `: ${shown.join(', ')}`
    throw new BulkheadError(
      'capability.denied',
      `notes.rename: not all notes that link to it may be written by the plugin${which}`,
      { hint: 'Grant notes.write for them, or rename with links: "keep", which leaves those links broken.' },
    )
  }
  for (let at = 0; at < paths.length; at += askedAtOnce) {
    await context.check(paths.slice(at, at + askedAtOnce).map(writing))
  }
}

const rename = async (vault: VaultClient, input: RenameInput, context: RunContext): Promise<Answers['rename']> => {
  const { from, to } = input
  const rewrite = input.links === 'rewrite'
  for (let plans = 1; ; plans++) {
    const { rewrites } = await vault.ask({ kind: 'plan-rename', from, to, rewrite }, callerOf(context))
    const others = rewrites.filter((path) => path !== from)
    await requireWriting(others, context)
    const question = {
      kind: 'rename',
      from,
      to,
      rewrite,
      mayRewrite: others,
      options: optionsOf(input, context),
    } as const
    try {
      return await vault.ask(question, callerOf(context))
    } catch (thrown) {
      const isOutdated = thrown instanceof BulkheadError && thrown.details?.['reason'] === 'outdated'
      if (!isOutdated || plans === mostPlans) throw thrown
    }
  }
}

/** The function that renames. */
export const makeRenameFunction = (vaults: Vaults): AnyHostFunction =>
  defineHostFunction({
    name: 'notes.rename',
    description:
      'Gives a note another path, and rewrites the links of all notes so that they lead where they led before.',
    input: z.strictObject({
      from: notePath,
      to: notePath,
      links: z.enum(['rewrite', 'keep']).default('rewrite'),
      ...changeFields,
    }),
    output: z.object({
      path: z.string(),
      version: z.string(),
      changed: z
        .array(z.object({ path: z.string(), version: z.string(), diff: z.string().optional() }))
        .describe('Notes whose links were rewritten.'),
    }),
    // The content becomes readable under the new name, so the old one must be readable too.
    needs: ({ from, to }) => [writing(from), reading(from), writing(to)],
    risk: 'write',
    run: async ({ input }, context) => {
      const vault = await vaults.of(context.call)
      const { path, version, changed } = await rename(vault, input, context)
      const sees = sightOf(context)
      return { path, version, changed: changed.filter((each) => sees(each.path)).map((each) => ({ ...each })) }
    },
  })
