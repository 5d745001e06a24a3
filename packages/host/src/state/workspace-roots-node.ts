// The folders of the policy's workspaces, made absolute and real once: capabilities are compared with real paths.

import { realpath } from 'node:fs/promises'
import { BulkheadError } from '@bulkhead/kernel'
import type { Policy } from '../api.ts'

/** The policy with real roots. @throws BulkheadError `config.invalid` for a root that is not there */
export const resolveWorkspaceRoots = async (policy: Policy): Promise<Policy> => {
  if (policy.workspaces === undefined) return policy
  const entries = Object.entries(policy.workspaces).map(async ([id, workspace]) => {
    if (workspace.root === undefined) return [id, workspace] as const
    const root = await realpath(workspace.root).catch((cause: unknown) => {
      throw new BulkheadError('config.invalid', `policy.workspaces.${id}.root: ${workspace.root} cannot be found`, {
        cause,
      })
    })
    return [id, { ...workspace, root }] as const
  })
  return { ...policy, workspaces: Object.fromEntries(await Promise.all(entries)) }
}
