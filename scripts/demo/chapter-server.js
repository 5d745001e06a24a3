// The web server of the demo: on the loopback interface only, on whatever port is free.

import { createServer } from 'node:http'

/**
 * Serves the chapter at `/public/loomings.html`, a redirect from `/public/away` to `/private`, and what is private.
 *
 * @param {string} chapter
 */
export const startChapterServer = async (chapter) => {
  const visited = []
  const paragraphs = chapter
    .trim()
    .split('\n\n')
    .map((paragraph) => `<p>${paragraph}</p>`)
  const html = `<!doctype html><title>Loomings</title><h1>Chapter 1</h1><p><a href="away">Next</a></p>${paragraphs.join('')}`
  const server = createServer((request, response) => {
    visited.push(request.url)
    if (request.url === '/public/loomings.html')
      response.setHeader('content-type', 'text/html; charset=utf-8').end(html)
    else if (request.url === '/public/away') response.writeHead(302, { location: '/private' }).end()
    else if (request.url === '/private') response.end('<title>nobody should read this</title>')
    else response.writeHead(404).end()
  })
  await new Promise((resolve) => server.listen(0, '127.0.0.1', resolve))
  return {
    origin: `http://127.0.0.1:${server.address().port}`,
    visited,
    close: () =>
      new Promise((resolve) => {
        server.close(resolve)
        server.closeAllConnections()
      }),
  }
}
