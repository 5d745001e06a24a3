// notes.write, notes.create, notes.append, notes.edit and notes.delete.

import {
  type AnyHostFunction,
  addUsage,
  BulkheadError,
  type Capability,
  type DailyLedger,
  defineHostFunction,
  type RunContext,
} from '@bulkhead/kernel'
import { z } from 'zod'
import type { Vaults } from '../vaults-node.ts'
import type { ChangeOptions, Edit } from '../wire.ts'
import { callerOf, notePath, reading, writing } from './fields.ts'
import { onAccount } from './written-ledger.ts'

const maxContent = 64 * 1024 * 1024
const contentField = z
  .string()
  .max(maxContent)
  .refine((text) => text.isWellFormed(), 'must be well-formed Unicode')

/** Fields of every change. */
export const changeFields = {
  ifVersion: z.string().min(1).max(64).optional().describe('Change only if the note has this version now.'),
  dryRun: z.boolean().default(false).describe('Change nothing; say what would change.'),
  diff: z.boolean().default(false).describe('Answer with the change as a unified diff; a dry run always does.'),
}

const changed = z.object({ path: z.string(), version: z.string(), diff: z.string().optional() })

interface ChangeInput {
  readonly path: string
  readonly ifVersion?: string | undefined
  readonly dryRun: boolean
  readonly diff: boolean
}

/** What a change needs: a diff shows what was there before. */
const needsOf = ({ path, dryRun, diff }: ChangeInput): Capability[] =>
  dryRun || diff ? [writing(path), reading(path)] : [writing(path)]

/** The options of a change in the vault's own terms. */
export const optionsOf = (
  { ifVersion, dryRun, diff }: Omit<ChangeInput, 'path'>,
  { call }: Pick<RunContext, 'call'>,
): ChangeOptions => ({ ifVersion, dryRun, diff: diff || dryRun, maxBytes: call.limits.fileSizeBytes })

/** A version is a hash: whoever may not read the note could guess at what it says until one fits. */
const withoutVersion = (thrown: unknown, path: string, context: RunContext): unknown => {
  if (!(thrown instanceof BulkheadError) || thrown.details?.['version'] === undefined) return thrown
  if (context.allows(reading(path))) return thrown
  return new BulkheadError(thrown.code, thrown.message)
}

const bytesIn = (text: string): number => new TextEncoder().encode(text).byteLength

const applyTo =
  (vaults: Vaults, ledger: DailyLedger | undefined) =>
  async (input: ChangeInput, edit: Edit, context: RunContext): Promise<z.input<typeof changed>> => {
    const vault = await vaults.of(context.call)
    const question = { kind: 'write', path: input.path, edit, options: optionsOf(input, context) } as const
    const bytes = input.dryRun ? 0 : bytesIn('content' in edit ? edit.content : edit.replace)
    const write = async (): Promise<z.input<typeof changed>> =>
      vault.ask(question, callerOf(context)).catch((thrown: unknown) => {
        throw withoutVersion(thrown, input.path, context)
      })
    const answer = await onAccount(ledger, { bytes, write }, context)
    addUsage(context.call, 'fileBytes', bytes)
    return answer
  }

/** Functions that change one note. */
export const makeWriteFunctions = (vaults: Vaults, ledger: DailyLedger | undefined): AnyHostFunction[] => {
  const apply = applyTo(vaults, ledger)
  return [
    defineHostFunction({
      name: 'notes.write',
      description:
        'Writes a whole note, durable once answered. With ifVersion nothing is lost that somebody else wrote meanwhile.',
      input: z.strictObject({
        path: notePath,
        content: contentField,
        mode: z
          .enum(['overwrite', 'create', 'update'])
          .default('overwrite')
          .describe('create: there must be no such note; update: there must be one.'),
        ...changeFields,
      }),
      output: changed,
      needs: needsOf,
      risk: 'write',
      run: ({ input }, context) => apply(input, { kind: input.mode, content: input.content }, context),
    }),
    defineHostFunction({
      name: 'notes.create',
      description: 'Creates a note, folders on the way included; fails when there is one already.',
      input: z.strictObject({
        path: notePath,
        content: contentField.default(''),
        dryRun: changeFields.dryRun,
        diff: changeFields.diff,
      }),
      output: changed,
      needs: needsOf,
      risk: 'write',
      run: ({ input }, context) => apply(input, { kind: 'create', content: input.content }, context),
    }),
    defineHostFunction({
      name: 'notes.append',
      description: 'Adds text at the end of a note, on a line of its own; creates the note when it is not there.',
      input: z.strictObject({ path: notePath, content: contentField, ...changeFields }),
      output: changed,
      needs: needsOf,
      risk: 'write',
      run: ({ input }, context) => apply(input, { kind: 'append', content: input.content }, context),
    }),
    defineHostFunction({
      name: 'notes.edit',
      description: 'Replaces a text that occurs exactly once in a note.',
      input: z.strictObject({ path: notePath, find: contentField.min(1), replace: contentField, ...changeFields }),
      output: changed,
      // Whether it succeeds tells what the note says.
      needs: ({ path }) => [writing(path), reading(path)],
      risk: 'write',
      run: ({ input }, context) => apply(input, { kind: 'replace', find: input.find, replace: input.replace }, context),
    }),
    defineHostFunction({
      name: 'notes.delete',
      description: 'Moves a note to the folder .trash of the vault, from where a person can bring it back.',
      input: z.strictObject({ path: notePath, ...changeFields }),
      output: z.object({ trash: z.string(), version: z.string(), diff: z.string().optional() }),
      needs: needsOf,
      risk: 'write',
      run: async ({ input }, context) => {
        const vault = await vaults.of(context.call)
        const options = optionsOf(input, context)
        const question = { kind: 'delete', path: input.path, options } as const
        return vault.ask(question, callerOf(context)).catch((thrown: unknown) => {
          throw withoutVersion(thrown, input.path, context)
        })
      },
    }),
  ]
}
