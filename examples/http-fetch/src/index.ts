// The plugin: two actions that fetch an address through the host and extract from the answer what is wanted.

import { defineAction, definePlugin, PluginError } from '@bulkhead/sdk'
import type { HttpClient, HttpResponse } from '@bulkhead/sdk'
import { extractPage } from './html.ts'
import { resolvePointer } from './pointer.ts'

const url = { type: 'string', minLength: 1, maxLength: 2048 } as const

const fetchFrom = async (http: HttpClient, address: string, accept: string): Promise<HttpResponse> => {
  const response = await http.get(address, { headers: { accept } })
  if (!response.ok)
    throw new PluginError(`${address} answered ${response.status}`, {
      code: 'status',
      details: { status: response.status },
    })
  return response
}

export default definePlugin({
  name: 'http-fetch',
  version: '1.0.0',
  actions: {
    page: defineAction({
      description: 'Fetches an HTML page; gives its title, description, headings and links.',
      risk: 'read-only',
      uses: ['http'],
      input: {
        type: 'object',
        properties: { url, maxLinks: { type: 'integer', minimum: 0, maximum: 1000 } },
        required: ['url'],
        additionalProperties: false,
      },
      output: {
        type: 'object',
        properties: {
          status: { type: 'integer' },
          title: { type: 'string' },
          description: { type: 'string' },
          headings: { type: 'array', items: { type: 'string' } },
          links: {
            type: 'array',
            items: {
              type: 'object',
              properties: { text: { type: 'string' }, url: { type: 'string' } },
              required: ['text', 'url'],
            },
          },
        },
        required: ['status', 'title', 'description', 'headings', 'links'],
      },
      run: async (input, context) => {
        const response = await fetchFrom(context.http, input.url, 'text/html')
        return { status: response.status, ...extractPage(response.text(), input.url, input.maxLinks ?? 50) }
      },
    }),
    json: defineAction({
      description: 'Fetches a JSON document; gives all of it, or the value at a JSON Pointer.',
      risk: 'read-only',
      uses: ['http'],
      input: {
        type: 'object',
        properties: { url, pointer: { type: 'string', maxLength: 1000 } },
        required: ['url'],
        additionalProperties: false,
      },
      output: {
        type: 'object',
        properties: { status: { type: 'integer' }, value: true },
        required: ['status', 'value'],
      },
      run: async (input, context) => {
        const response = await fetchFrom(context.http, input.url, 'application/json')
        return { status: response.status, value: resolvePointer(response.json(), input.pointer ?? '') }
      },
    }),
  },
})
