// The wire shapes of http.request.

import { bytes, shortRecord } from '@bulkhead/kernel'
import { z } from 'zod'
import { canonicalUrl } from './address-line.ts'

/** Methods that open a tunnel or echo credentials (fetch standard, "forbidden method"). */
const forbiddenMethods = new Set(['CONNECT', 'TRACE', 'TRACK'])

const method = z
  .string()
  .regex(/^[A-Za-z][A-Za-z-]{0,31}$/, 'not an HTTP method')
  .transform((text) => text.toUpperCase())
  .refine((text) => !forbiddenMethods.has(text), 'this method is not served')

const url = z.string().transform((text, issues) => {
  const parsed = canonicalUrl(text)
  if (parsed instanceof URL) return parsed.href
  issues.addIssue({ code: 'custom', message: parsed.fault })
  return z.NEVER
})

/** What a plugin asks for. */
export const httpRequestInput = z
  .strictObject({
    method: method.default('GET'),
    url: url.describe('Absolute http or https URL, without user name and password.'),
    headers: shortRecord(z.string(), 200).default({}),
    body: bytes().optional().describe('The request body.'),
    text: z.string().optional().describe('The request body as text, sent as UTF-8; instead of body.'),
    timeoutMs: z
      .int()
      .positive()
      .max(3_600_000)
      .optional()
      .describe('Time for the whole exchange, redirects included.'),
    redirect: z
      .enum(['follow', 'manual', 'error'])
      .default('follow')
      .describe('What to do with a redirect: every one that is followed is checked like a request of its own.'),
    maxResponseBytes: z.int().positive().optional().describe('A lower cap on the response body than the limit.'),
  })
  .refine((input) => input.body === undefined || input.text === undefined, {
    path: ['text'],
    message: 'give either body or text',
  })

/** What comes back. */
export const httpRequestOutput = z.object({
  status: z.int(),
  headers: z
    .record(z.string(), z.string())
    .describe('Lower-case names; repeated fields joined by ", ", and set-cookie by a line feed.'),
  body: bytes(),
  url: z.string().describe('Where the response came from, after redirects.'),
  redirected: z.boolean(),
})

/** See {@link httpRequestInput}. */
export type HttpRequest = z.output<typeof httpRequestInput>
/** See {@link httpRequestOutput}. */
export type HttpResponse = z.output<typeof httpRequestOutput>
