// log.write: a line in the log. Needs no permission.

import { type AnyHostFunction, defineHostFunction, shortRecord } from '@bulkhead/kernel'
import { z } from 'zod'
import { type CallLog, type LogPorts, makeCallLog } from './call-log.ts'

const levels = ['trace', 'debug', 'info', 'warn', 'error'] as const
const field = z.union([z.string(), z.number(), z.boolean(), z.null()])

/** The log host functions. Pass `callLog` when other ways of logging must count against the same bound. */
export const makeLogFunctions = (ports: LogPorts, callLog: CallLog = makeCallLog(ports)): AnyHostFunction[] => [
  defineHostFunction({
    name: 'log.write',
    description: 'Writes a line to the log.',
    input: z.strictObject({
      level: z.enum(levels).default('info'),
      message: z.string(),
      fields: shortRecord(field, 100).optional().describe('Facts, appended as name=value.'),
    }),
    output: z.null(),
    needs: () => [],
    risk: 'read-only',
    run: (permit, context) => {
      const { level, message, fields } = permit.input
      const facts = Object.entries(fields ?? {}).map(
        ([name, value]) => ` ${name.slice(0, 64)}=${JSON.stringify(value)}`,
      )
      callLog(context.call, level, message + facts.join(''))
      return null
    },
  }),
]
