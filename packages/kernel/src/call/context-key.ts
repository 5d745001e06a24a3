// The name of a security context: whoever keeps state between calls keeps it for one context alone.

import type { CallContext } from './context.ts'

/** Principal with its digest, user, workspace and the callers of a call, as one text. */
export const contextKey = (context: CallContext): string =>
  JSON.stringify([
    context.principal.id,
    context.principal.digest,
    context.user ?? null,
    context.workspace ?? null,
    context.workspaceRoot,
    ...context.chain.map((principal) => [principal.id, principal.digest]),
  ])
