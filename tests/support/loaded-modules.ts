// Loaded into a command by `--import`: writes down which modules it loads, one a line, when it ends. Threads are none of it.

import { appendFileSync } from 'node:fs'
import { registerHooks } from 'node:module'
import { isMainThread } from 'node:worker_threads'

const file = process.env['BULKHEAD_TEST_LOADED']
if (isMainThread && file !== undefined) {
  const urls: string[] = []
  registerHooks({
    load: (url, context, next) => {
      urls.push(url)
      return next(url, context)
    },
  })
  process.on('exit', () => appendFileSync(file, urls.map((url) => `${url}\n`).join('')))
}
