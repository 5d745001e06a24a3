// net.connect: one connection to a host and a port, for a program that speaks to it itself. The gate is asked for the whole
// of both, for nobody sees what such a connection carries; the name is resolved once, and what was checked is dialled.
// No guest can name this function: an egress proxy has it performed for the call that is under way.

import type { Socket } from 'node:net'
import { type AnyHostFunction, defineHostFunction, makeTurnQueue } from '@bulkhead/kernel'
import { z } from 'zod'
import type { Dialer } from '../dialer.ts'
import { connectInput, tunnelScope } from './target.ts'

/** Its name, in the audit log and to people who are asked. */
export const connectName = 'net.connect'

/** Connections of one principal that are being opened at once, as for requests. */
const mostDialled = 64

/** Declares the function for one connection: `open` is given it when everything was checked. */
export type MakeConnect = (open: (socket: Socket) => void) => AnyHostFunction

/** The function over a dialer. */
export const makeConnectFunctions = (dialer: Dialer): MakeConnect => {
  const turns = makeTurnQueue(mostDialled)
  return (open) =>
    defineHostFunction({
      name: connectName,
      description: 'Opens a connection to a host and a port.',
      input: connectInput,
      output: z.null(),
      needs: (input) => [{ name: 'network', scope: tunnelScope(input) }],
      // It can carry anything.
      risk: 'write',
      run: async ({ input: { host, port } }, { call, check, signal }) => {
        using _turn = await turns.take(call.principal.id, signal)
        const resolved = await dialer.resolve(host, { owner: call.principal.id, signal })
        if (resolved.guarded.length > 0) {
          await check(resolved.guarded.map(({ address }) => ({ name: 'network.private', scope: address })))
        }
        open(await dialer.connect(resolved, port, signal))
        return null
      },
    })
}
