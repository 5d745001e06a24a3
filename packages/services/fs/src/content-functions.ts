// fs.read, fs.read_text and fs.write.

import {
  addUsage,
  type AnyHostFunction,
  BulkheadError,
  bytes,
  defineHostFunction,
  type Permit,
  type RunContext,
} from '@bulkhead/kernel'
import { z } from 'zod'
import { appendContent, createContent, readContent, replaceContent } from './file-content.ts'
import { pathField, visit } from './visit.ts'

const writers = { create: createContent, overwrite: replaceContent, append: appendContent }

const readWhole = async (permit: Permit<{ readonly path: string }>, context: RunContext): Promise<Uint8Array> => {
  const data = await visit({ permit, context, path: permit.input.path, followLast: true }, readContent)
  addUsage(context.call, 'fileBytes', data.byteLength)
  return data
}

/** Functions on the content of files. */
export const makeContentFunctions = (): AnyHostFunction[] => [
  defineHostFunction({
    name: 'fs.read',
    description: 'Reads a whole file.',
    input: z.strictObject({ path: pathField }),
    output: z.object({ data: bytes() }),
    needs: ({ path }) => [{ name: 'filesystem.read', scope: path }],
    risk: 'read-only',
    run: async (permit, context) => ({ data: await readWhole(permit, context) }),
  }),
  defineHostFunction({
    name: 'fs.read_text',
    description: 'Reads a whole file as UTF-8 text; a byte order mark is left out.',
    input: z.strictObject({ path: pathField }),
    output: z.object({ text: z.string() }),
    needs: ({ path }) => [{ name: 'filesystem.read', scope: path }],
    risk: 'read-only',
    run: async (permit, context) => {
      const data = await readWhole(permit, context)
      try {
        return { text: new TextDecoder('utf-8', { fatal: true }).decode(data) }
      } catch (cause) {
        const hint = 'Read it as bytes with fs.read.'
        throw new BulkheadError('fs.failed', `fs.read_text ${permit.input.path}: not UTF-8 text`, { hint, cause })
      }
    },
  }),
  defineHostFunction({
    name: 'fs.write',
    description: 'Writes a whole file, in one step that other readers never see half done, or adds to one.',
    input: z
      .strictObject({
        path: pathField,
        data: bytes().optional(),
        text: z.string().optional().describe('Content as text, written as UTF-8; instead of data.'),
        mode: z.enum(['create', 'overwrite', 'append']).default('overwrite'),
        createParents: z.boolean().default(false),
      })
      .refine((input) => (input.data === undefined) !== (input.text === undefined), {
        path: ['data'],
        message: 'give either data or text',
      }),
    output: z.object({ bytesWritten: z.int() }),
    needs: ({ path }) => [{ name: 'filesystem.write', scope: path }],
    risk: 'write',
    run: async (permit, context) => {
      const { path, data, text, mode, createParents } = permit.input
      const content = data ?? new TextEncoder().encode(text ?? '')
      await visit({ permit, context, path, followLast: true, createFolders: createParents }, (walked, options) =>
        writers[mode](walked, content, options),
      )
      addUsage(context.call, 'fileBytes', content.byteLength)
      return { bytesWritten: content.byteLength }
    },
  }),
]
