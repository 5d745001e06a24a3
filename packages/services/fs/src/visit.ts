// The frame that every fs function runs in: take the canonical path from the permit, walk to it, act, close, and say
// what failed in the plugin's own words.

import type { Permit, RunContext } from '@bulkhead/kernel'
import { z } from 'zod'
import { fsFailure } from './failure.ts'
import type { ContentOptions } from './file-content.ts'
import { type Walked, walkTo } from './walk.ts'

/** A path in a function's input. */
export const pathField = z
  .string()
  .min(1)
  .max(4096)
  .refine((text) => !text.includes('\0'), 'a path cannot hold NUL')
  .describe('Absolute, or relative to the workspace root.')

/** What to visit. */
export interface Visit {
  readonly permit: Permit<unknown>
  readonly context: RunContext
  /** As the plugin gave it, for messages. */
  readonly path: string
  /** Which of the permit's capabilities holds the canonical path; the first when absent. */
  readonly capability?: number
  readonly followLast: boolean
  readonly createFolders?: boolean
}

/** Walks and acts. Every capability behind a link is asked under the name that the permit was given for. */
export const visit = async <T>(
  target: Visit,
  act: (walked: Walked, options: ContentOptions) => Promise<T>,
): Promise<T> => {
  const { permit, context } = target
  const what = `${permit.function} ${target.path}`
  const capability = permit.capabilities[target.capability ?? 0]
  if (capability?.scope === undefined || !capability.scope.startsWith('/')) {
    throw fsFailure(new Error('the permit holds no absolute path'), what)
  }
  const { name, scope } = capability
  try {
    await using walked = await walkTo(scope, {
      allow: (realPath) => context.check([{ name, scope: realPath }]),
      followLast: target.followLast,
      createFolders: target.createFolders ?? false,
      signal: context.signal,
      what,
    })
    return await act(walked, { maxBytes: context.call.limits.fileSizeBytes, what })
  } catch (thrown) {
    if (context.signal.aborted) throw context.signal.reason
    throw fsFailure(thrown, what)
  }
}
