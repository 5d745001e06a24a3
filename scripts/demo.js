// `npm run demo`: the main job on real input, through the command line as anybody would use it. Plugins of two tiers over
// a chapter of Moby-Dick, host calls that are granted and that are not, and the audit lines that tell why. Ends with
// exit code 0 only when everything went as expected. Touches this machine only: the web server is its own.

import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import process from 'node:process'
import { startChapterServer } from './demo/chapter-server.js'
import { openStage } from './demo/stage.js'
import { requireNode } from './require-node.js'

requireNode()

const folder = mkdtempSync(join(tmpdir(), 'bulkhead-demo-'))
const chapter = readFileSync(new URL('../examples/texts/loomings.txt', import.meta.url), 'utf8')
const server = await startChapterServer(chapter)
const stage = openStage(folder)
const json = JSON.stringify
const number = new Intl.NumberFormat('en')
const words = (list) => list.map(({ word, count }) => `${word} ${count}`).join(', ')

try {
  stage.title('A script plugin (TypeScript, in its own interpreter) reads a chapter of Moby-Dick')
  const text = json({ text: chapter })
  await stage.run(['run', './examples/text-tools', 'stats', '-'], {
    stdin: text,
    shown: '< chapter.json',
    tell: ({ words: all, sentences, readingSeconds, topWords }) =>
      `${number.format(all)} words in ${sentences} sentences, ${Math.round(readingSeconds / 60)} minutes to read; ${words(topWords.slice(0, 5))}`,
    holds: ({ words: all }) => all > 1_500,
  })
  await stage.run(['run', './examples/text-tools', 'summarize', '-'], {
    stdin: json({ text: chapter, sentences: 2 }),
    shown: '< chapter.json',
    tell: ({ sentences }) => sentences.map((sentence) => `“${sentence}”`).join('\n'),
    holds: ({ sentences }) => sentences.every((sentence) => chapter.includes(sentence)),
  })

  stage.title('A wasm plugin (AssemblyScript, on the Extism PDK) reads the same')
  await stage.run(['run', './examples/word-count-wasm', 'count', '-'], {
    stdin: text,
    shown: '< chapter.json',
    tell: ({ words: all, distinctWords, topWords }) =>
      `${number.format(all)} words, ${distinctWords} different ones; ${words(topWords.slice(0, 5))}`,
    holds: ({ words: all }) => all > 1_500,
  })
  await stage.run(['run', './examples/word-count-wasm', 'readability', '-'], {
    stdin: text,
    shown: '< chapter.json',
    tell: ({ readingEase, gradeLevel }) => `reading ease ${readingEase}, school grade ${gradeLevel}`,
    holds: ({ readingEase }) => readingEase > 30 && readingEase < 90,
  })

  stage.title('A lone file is a plugin, too')
  await stage.run(['run', './examples/scripts/roman.ts', 'toRoman', '--input', json({ number: 1851 })], {
    tell: ({ roman }) => `Moby-Dick appeared in ${roman}`,
    holds: ({ roman }) => roman === 'MDCCCLI',
  })

  stage.title('The network: what was granted, and what was not')
  const fetchPage = ['run', './examples/http-fetch', 'page', '--input']
  const page = json({ url: `${server.origin}/public/loomings.html` })
  const publicPages = ['--grant', `network:GET ${server.origin}/public/*`]
  await stage.run([...fetchPage, page, ...publicPages], {
    tell: ({ title, headings }) => `fetched “${title}”, headed ${headings.join(', ')}`,
    holds: ({ title }) => title === 'Loomings',
  })
  await stage.run([...fetchPage, page], { fails: 'capability.denied', exit: 4 })
  await stage.run([...fetchPage, json({ url: `${server.origin}/public/away` }), ...publicPages], {
    fails: 'capability.denied',
    exit: 4,
    because: 'the page is granted, what it redirects to is not',
  })
  stage.expect('the private page was never asked for', !server.visited.includes('/private'))

  stage.title('Files: a folder was granted, and nothing beside it')
  const readFolder = ['--grant', 'filesystem.read:./examples/texts']
  const fileStats = ['run', './examples/text-tools', 'file-stats', '--input']
  await stage.run([...fileStats, json({ path: 'examples/texts/loomings.txt' }), ...readFolder], {
    tell: ({ words: all }) => `${number.format(all)} words read from the granted folder`,
    holds: ({ words: all }) => all > 1_500,
  })
  await stage.run([...fileStats, json({ path: 'examples/texts/../../package.json' }), ...readFolder], {
    fails: 'capability.denied',
    exit: 4,
  })

  stage.title('A plugin that never ends')
  const endless = join(folder, 'endless.js')
  writeFileSync(endless, 'export const spin = () => { for (;;); }\n')
  await stage.run(['run', endless, 'spin', '--timeout', '500ms'], { fails: 'limit.time', exit: 5 })

  stage.title('What the audit log says about it')
  await stage.showAudit()
  await stage.verifyAudit()
} finally {
  await server.close()
  rmSync(folder, { recursive: true, force: true })
}
stage.end()
process.exitCode = stage.failed === 0 ? 0 : 1
