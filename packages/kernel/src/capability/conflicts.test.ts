import { expect, test } from 'vitest'
import { broadWarnings } from './breadth.ts'
import { findConflicts } from './conflicts.ts'

test.each([
  ['exec.run', 'exec.*'],
  ['exec.*', 'exec.*'],
  ['exec.*', '*'],
  ['exec:git', 'exec'],
  ['exec:git', 'exec:git'],
  ['exec:git status', 'exec:git'],
  ['storage', 'storage'],
  ['filesystem.write:./out', 'filesystem.write:.'],
  ['filesystem.write:./out/*', 'filesystem.*'],
  ['filesystem.write:./out/*', 'filesystem.write:./out'],
  ['env:GEMINI_*', 'env:*'],
  ['env:GEMINI_KEY', 'env:GEMINI_*'],
  ['network:https://api.example.com/v1/*', 'network:https://*.example.com'],
  ['network:*', 'network:*'],
  ['network:https://api.example.com', 'network:*'],
  ['network:GET https://localhost:8080', 'network:*'],
  ['network:*.google.com', 'network:https://*'],
  ['network.private:10.0.0.1', 'network.private:10.0.0.0/8'],
])('asking for %s and denying %s is a conflict', (ask, deny) => {
  expect(findConflicts([ask], ['notes.write', deny])).toEqual([
    { ask, deny, message: `"${ask}" is asked for, and denied by "${deny}"` },
  ])
})

test.each([
  ['exec.*', 'exec.run'],
  ['*', 'exec.*'],
  ['filesystem.write:.', 'filesystem.write:./out'],
  ['filesystem.read:./out', 'filesystem.write:./out'],
  ['env:*', 'env:GEMINI_*'],
  ['network:https://*.example.com', 'network:https://api.example.com'],
  ['network:https://api.example.com', 'network:POST https://api.example.com'],
  ['network:https://api.example.com', 'network:https://api.example.com/admin/*'],
  ['network:https://api.example.com:*', 'network:https://api.example.com'],
  ['network:*', 'network:https://*'],
  ['storage.global', 'storage'],
  ['network.private:10.0.0.0/8', 'network.private:10.0.0.1'],
])('asking for %s and denying %s is a restriction', (ask, deny) => {
  expect(findConflicts([ask], [deny])).toEqual([])
})

test('what is no pattern is refused', () => {
  expect(() => findConflicts(['mess*'], [])).toThrow(expect.objectContaining({ code: 'capability.invalid' }))
  expect(() => findConflicts([], ['mess*'])).toThrow(expect.objectContaining({ code: 'capability.invalid' }))
})

test.each([
  ['*', 'everything'],
  ['*.*', 'everything'],
  ['*.write', 'every kind'],
  ['network.*', 'every network permission'],
  ['filesystem.*', 'every file'],
  ['exec.*', 'every program'],
  ['exec', 'run programs'],
  ['exec:*', 'run programs'],
  ['exec:git', 'with the rights of that program'],
  ['exec:/bin/bash -c', 'run any other'],
  ['network:*', 'every public host'],
  ['network:POST https://*', 'every public host'],
  ['network:*.com', 'top-level domain'],
  ['network:http://localhost:3000', 'this machine'],
  ['network:http://169.254.169.254', 'your own network'],
  ['network.private:10.0.0.0/8', 'your own network'],
  ['env:*', 'every environment variable'],
  ['storage.global', 'with other plugins'],
  ['filesystem.write:/', 'change every file'],
  ['filesystem.read:/*', 'read every file'],
  ['filesystem.read:~', 'home folder'],
  ['filesystem.read:/home/ada', 'home folder'],
  ['filesystem.read:~/.ssh', 'credentials'],
  ['filesystem.write:/etc/cron.d', "system's own"],
  ['filesystem.write:../x', 'outside the workspace'],
  ['filesystem.write:.', 'every file of the workspace'],
])('%s is warned about', (pattern, words) => {
  const warnings = broadWarnings(['notes.read', pattern])
  expect(warnings).toHaveLength(1)
  expect(warnings[0]?.pattern).toBe(pattern)
  expect(warnings[0]?.message).toContain(words)
  expect(warnings[0]?.message).toContain(`"${pattern}"`)
})

test('narrow asks pass without a word', () => {
  expect(
    broadWarnings([
      'network:GET https://api.example.com/v1/*',
      'network:*.example.com',
      'filesystem.read:./data',
      'filesystem.write:./out',
      'env:GEMINI_*',
      'storage',
      'notes.read',
      'sessions.*',
    ]),
  ).toEqual([])
})
