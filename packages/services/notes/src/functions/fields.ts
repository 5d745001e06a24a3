// Fields that several note functions share, and what every one of them asks the gate. No function decides who may see a note: all
// ask here.

import type { Capability, RunContext } from '@bulkhead/kernel'
import { z } from 'zod'
import { isNoteName, maxPathLength, pathFault, withEnding } from '../markdown/note-path.ts'
import type { NotesCaller } from '../vault-client-node.ts'

const checked = (path: string, issues: z.RefinementCtx): string => {
  const fault = pathFault(path)
  if (fault === undefined) return path
  issues.addIssue({ code: 'custom', message: fault })
  return z.NEVER
}

/** The path of a note: relative to the vault, `.md` added when it is left out. */
export const notePath = z
  .string()
  .min(1)
  .max(maxPathLength)
  .transform((path, issues) => checked(withEnding(path), issues))
  .describe('Relative to the vault, with / between names; .md may be left out.')

/** The path of a folder; empty for the whole vault. */
export const folderPath = z
  .string()
  .max(maxPathLength)
  .transform((path, issues) => {
    const folder = path.replace(/\/$/, '')
    return folder === '' ? '' : checked(folder, issues)
  })
  .describe('Relative to the vault; empty for all of it.')

/** A tag, with or without its `#`. */
export const tagField = z
  .string()
  .min(1)
  .max(200)
  .transform((tag) => tag.replace(/^#/, ''))
  .describe('Notes with this tag, or one beneath it: project means project/alpha as well.')

/** Which notes; what is left out does not narrow. */
export const filterFields = { folder: folderPath.optional(), tag: tagField.optional() }

/** At most so many. */
export const limitField = (usual: number, most: number) => z.int().min(1).max(most).default(usual)

/** What a plugin gets back of a note's fields. */
export const frontmatterField = z
  .record(z.string(), z.unknown())
  .nullable()
  .describe('Null when there is none, or none that can be read.')

/** Reading this note. */
export const reading = (path: string): Capability => ({ name: 'notes.read', scope: path })
/** Writing this note. */
export const writing = (path: string): Capability => ({ name: 'notes.write', scope: path })
/** Reading whatever may be read; each note is then asked about by {@link sightOf}. */
export const readingSome: readonly Capability[] = [{ name: 'notes.read' }]

/** Tells which notes the plugin may know of. What it may not read is left out of every answer, as if it were not there. */
export const sightOf = (context: RunContext): ((path: string) => boolean) => {
  const known = new Map<string, boolean>()
  return (path) => {
    let sees = known.get(path)
    if (sees === undefined) known.set(path, (sees = isNoteName(path) && context.allows(reading(path))))
    return sees
  }
}

/** On whose behalf the vault is asked. */
export const callerOf = ({ call, signal }: RunContext): NotesCaller => ({ principal: call.principal.id, signal })
