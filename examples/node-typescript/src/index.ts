/// <reference types="@bulkhead/sdk/globals" />

import { defineAction, definePlugin } from '@bulkhead/sdk'
import { sha256 } from './sha256.ts'

const hex = (bytes: Uint8Array): string => Array.from(bytes, (byte) => byte.toString(16).padStart(2, '0')).join('')

const fibonacci = (n: number): number => (n < 2 ? n : fibonacci(n - 1) + fibonacci(n - 2))

let digests = 0

export default definePlugin({
  name: 'node-typescript',
  version: '1.0.0',
  actions: {
    digest: defineAction({
      description: 'The SHA-256 digest of a text in UTF-8, over and over, and how many texts were digested so far.',
      risk: 'read-only',
      input: {
        type: 'object',
        properties: { text: { type: 'string' }, times: { type: 'integer', minimum: 1, maximum: 100_000 } },
        required: ['text'],
        additionalProperties: false,
      },
      output: {
        type: 'object',
        properties: { digest: { type: 'string' }, digests: { type: 'integer' } },
        required: ['digest', 'digests'],
      },
      run: ({ text, times = 1 }, { log }) => {
        let bytes: Uint8Array = new TextEncoder().encode(text)
        for (let turn = 0; turn < times; turn++) bytes = sha256(bytes)
        log.info(`digested ${text.length} characters ${times} times`)
        return { digest: hex(bytes), digests: ++digests }
      },
    }),
    fibonacci: defineAction({
      description: 'A Fibonacci number, by the slowest way there is.',
      risk: 'read-only',
      input: { type: 'integer', minimum: 0, maximum: 40 },
      output: { type: 'integer' },
      run: (n) => fibonacci(n),
    }),
  },
})
