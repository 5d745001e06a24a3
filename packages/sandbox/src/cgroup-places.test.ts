import { expect, test } from 'vitest'
import { findCgroupPlaces } from './cgroup-places.ts'

const mount = (folder: string, kind: string, options: string, root = '/'): string =>
  `30 24 0:26 ${root} ${folder} rw,nosuid shared:4 - ${kind} ${kind} rw${options === '' ? '' : `,${options}`}`

test('version 1: below our own group of each controller', () => {
  const mounts = [
    mount('/sys/fs/cgroup/memory', 'cgroup', 'memory'),
    mount('/sys/fs/cgroup/pids', 'cgroup', 'pids'),
    mount('/sys/fs/cgroup/cpu,cpuacct', 'cgroup', 'cpu,cpuacct'),
    mount('/sys/fs/cgroup/unified', 'cgroup2', ''),
  ]
  expect(findCgroupPlaces(mounts.join('\n'), '4:memory:/a/b\n8:pids:/\n2:cpu,cpuacct:/c\n0::/x\n')).toEqual({
    version: 1,
    memory: ['/sys/fs/cgroup/memory/a/b'],
    pids: ['/sys/fs/cgroup/pids'],
    cpu: ['/sys/fs/cgroup/cpu,cpuacct/c'],
  })
})

test('version 2: below our own group, then beside it, and never above the mount', () => {
  const unified = mount('/sys/fs/cgroup', 'cgroup2', 'nsdelegate')
  const places = (path: string, text = unified): readonly string[] => findCgroupPlaces(text, `0::${path}\n`).memory
  expect(places('/user.slice/app.scope')).toEqual(['/sys/fs/cgroup/user.slice/app.scope', '/sys/fs/cgroup/user.slice'])
  expect(places('/')).toEqual(['/sys/fs/cgroup'])
  expect(places('/a:b')).toEqual(['/sys/fs/cgroup/a:b', '/sys/fs/cgroup'])
})

test('a mount that shows a part of the tree, one elsewhere, and none', () => {
  const part = mount('/sys/fs/cgroup', 'cgroup2', '', '/docker/1')
  expect(findCgroupPlaces(part, '0::/docker/1/x\n').pids).toEqual(['/sys/fs/cgroup/x', '/sys/fs/cgroup'])
  expect(findCgroupPlaces(part, '0::/docker/2\n').pids).toEqual([])
  expect(findCgroupPlaces(mount('/two\\040words', 'cgroup2', ''), '0::/\n').pids).toEqual(['/two words'])
  expect(findCgroupPlaces('', '')).toEqual({ version: 2, memory: [], pids: [], cpu: [] })
})
