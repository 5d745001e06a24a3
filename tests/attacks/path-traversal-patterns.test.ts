// The idea: reach a file outside the granted folder by the way its path is written. Links are another idea, and another
// file; here everything is names.

import { makeCapabilitySet, matchCapability } from '@bulkhead/kernel'
import { expect, test } from 'vitest'

const roots = { workspaceRoot: '/srv/project', home: '/home/ada' }
const reads = (pattern: string, path: string): boolean =>
  matchCapability(`filesystem.read:${pattern}`, `filesystem.read:${path}`, roots)

test.each(['./data', './data/*', './data/**', '/srv/project/data', 'data/', './x/../data'])(
  'nothing outside %s is read through it',
  (pattern) => {
    expect(reads(pattern, './data/file')).toBe(true)
    for (const path of [
      './data/../secret',
      './data/./../secret',
      './data//..//secret',
      'data/a/b/../../../secret',
      './data/../../project2/x',
      '../data/file',
      '/data/file',
      './database/file',
      './data2',
      './dat',
      './data\\..\\secret',
      './data/..\\secret',
      './data\u0000/file',
      './data/file\u0000.txt/../../secret',
      '~/data/file',
      '/srv/project/data/../.env',
      '/srv/project',
      '/srv',
      '/',
      '..',
      '.',
      './DATA/file',
      '//srv/project/../../etc/passwd',
      'file:///srv/project/data/file',
    ]) {
      expect(reads(pattern, path), path).toBe(false)
    }
  },
)

test('percent signs are no encoding in a path', () => {
  expect(reads('./data', './data/%2e%2e/%2e%2e/etc')).toBe(true)
  expect(reads('./data', './%64ata/file')).toBe(false)
})

test('climbing above the root ends at the root', () => {
  expect(reads('/etc', '../../../../../../../../etc/passwd')).toBe(true)
  expect(reads('./data', '../../../../../../../../srv/project/data/x')).toBe(true)
  expect(reads('.', '../../../../../../../../etc/passwd')).toBe(false)
})

test('a star stays in its segment, and never takes an empty one', () => {
  expect(reads('/srv/*/public', '/srv/a/public/x')).toBe(true)
  for (const path of [
    '/srv/public',
    '/srv//public',
    '/srv/a/b/public',
    '/srv/a/../b/private',
    '/srv/a/public/../private',
  ]) {
    expect(reads('/srv/*/public', path), path).toBe(false)
  }
})

test('read is not write, and a folder is not its neighbour', () => {
  expect(matchCapability('filesystem.read:/data', 'filesystem.write:/data/x')).toBe(false)
  expect(matchCapability('filesystem.write:/data', 'filesystem.read:/data/x')).toBe(false)
})

test('a denial holds for every spelling of its folder', () => {
  const denies = makeCapabilitySet(['filesystem.read:./private'], roots)
  for (const path of [
    './private',
    './public/../private/x',
    'private//x',
    '/srv/project/private/x',
    './PRIVATE/x',
    './private./x',
    './priv\u200bate/x',
    'not\u0000a path',
  ]) {
    expect(denies.touches(`filesystem.read:${path}`), path).toBe(true)
  }
  expect(denies.touches('filesystem.read:./public/x')).toBe(false)
})

test('the workspace root is no pattern: stars in it are names', () => {
  const odd = { workspaceRoot: '/srv/*' }
  expect(() => makeCapabilitySet(['filesystem.read:./data'], odd)).toThrow(
    expect.objectContaining({ code: 'capability.invalid' }),
  )
})
