// A process plugin asks for files and variables of the host and tries to get more of them than the gate allowed: what its manifest
// asks, what it was granted, what workspace and user allow, and less whatever is denied or protected.

import { execFileSync } from 'node:child_process'
import { existsSync, realpathSync, symlinkSync } from 'node:fs'
import { createServer } from 'node:net'
import { type HostOptions, openHost } from '@bulkhead/host'
import { expect, test } from 'vitest'
import { linux } from '../support/confined.ts'
import { auditRecords } from '../support/host.ts'
import { obey, writeObeyingPlugin } from '../support/process-plugin.ts'
import { openWorkspace, type Workspace } from '../support/workspace.ts'

const open = (workspace: Workspace, policy: HostOptions['policy'], more: HostOptions = {}) =>
  openHost({
    home: workspace.home,
    workspaceRoot: workspace.path,
    plugins: [`${workspace.path}/plugins`],
    policy: policy ?? {},
    ...more,
  })

/** Which of the paths it can read, and which it can write. */
const reach = (paths: readonly string[]): string => `
  const reads = [], writes = []
  for (const path of ${JSON.stringify(paths)}) {
    try { fs.statSync(path).isDirectory() ? fs.readdirSync(path) : fs.readFileSync(path); reads.push(path) } catch {}
    try { fs.statSync(path).isDirectory() ? fs.writeFileSync(path + '/made', 'x') : fs.appendFileSync(path, 'x'); writes.push(path) } catch {}
  }
  return { reads, writes }`

const written = async (workspace: Workspace) =>
  (await auditRecords(workspace.home, { plugin: 'p' }))
    .filter(({ function: name }) => name === 'process.start')
    .map(({ result, capabilities, details }) => ({ result, capabilities, layer: details?.['layer'] }))

/** The decisions, once so many are there: that a read was allowed is written a moment later. */
const decisions = async (workspace: Workspace, count: number) => {
  await expect.poll(async () => (await written(workspace)).length).toBeGreaterThanOrEqual(count)
  return written(workspace)
}

test.runIf(linux)('what is asked for and not granted does not exist, and both decisions are records', async () => {
  await using workspace = await openWorkspace()
  const [data, other] = [`${workspace.path}/data`, `${workspace.path}/other`]
  await workspace.write('data/file', 'content')
  await workspace.write('other/file', 'content')
  await writeObeyingPlugin(workspace, 'p', { more: 'permissions: { filesystem: { read: [./data, ./other] } }' })
  await using host = await open(workspace, { grants: { p: ['filesystem.read:./data'] } })
  const paths = [data, `${data}/file`, other, `${other}/file`, workspace.path + '/plugins', workspace.home]
  expect(await obey(host, 'p', reach(paths))).toEqual({ reads: [data, `${data}/file`], writes: [] })
  expect(await decisions(workspace, 2)).toEqual([
    { result: 'allowed', capabilities: [`filesystem.read:${data}`], layer: undefined },
    { result: 'denied', capabilities: [`filesystem.read:${other}`], layer: 'grant' },
  ])
})

test.runIf(linux)('what is granted and not asked for is not shown', async () => {
  await using workspace = await openWorkspace()
  await workspace.write('data/file', 'content')
  await writeObeyingPlugin(workspace, 'p')
  await using host = await open(workspace, {
    grants: { p: ['filesystem.read:./data', 'filesystem.write:./data', 'env:*'] },
  })
  expect(await obey(host, 'p', reach([`${workspace.path}/data`]))).toEqual({ reads: [], writes: [] })
})

test.runIf(linux)('a grant narrower than the ask is what is shown', async () => {
  await using workspace = await openWorkspace()
  await workspace.write('data/public/file', 'content')
  await workspace.write('data/private/file', 'content')
  await writeObeyingPlugin(workspace, 'p', { more: 'permissions: { filesystem: { read: [./data] } }' })
  await using host = await open(workspace, { grants: { p: ['filesystem.read:./data/public'] } })
  const paths = ['public/file', 'private/file'].map((path) => `${workspace.path}/data/${path}`)
  expect(await obey(host, 'p', reach(paths))).toEqual({ reads: [paths[0]], writes: [] })
})

test.runIf(linux)('a write lands in the grant and nowhere else', async () => {
  await using workspace = await openWorkspace()
  for (const folder of ['out', 'data', 'home-like']) await workspace.write(`${folder}/file`, 'content')
  await writeObeyingPlugin(workspace, 'p', {
    more: 'permissions: { filesystem: { read: [./data, ./out], write: [./out] } }',
  })
  await using host = await open(workspace, {
    grants: { p: ['filesystem.read:./data', 'filesystem.read:./out', 'filesystem.write:./out'] },
  })
  const paths = ['out', 'out/file', 'data', 'data/file', 'home-like'].map((path) => `${workspace.path}/${path}`)
  expect(await obey(host, 'p', reach(paths))).toEqual({ reads: paths.slice(0, 4), writes: paths.slice(0, 2) })
  expect(existsSync(`${workspace.path}/out/made`)).toBe(true)
  expect(existsSync(`${workspace.path}/data/made`)).toBe(false)
  expect(host.getPluginStatus('p').process).toMatchObject({
    readable: [`${workspace.path}/data`],
    writable: [`${workspace.path}/out`],
    limits: { openFiles: { by: 'process', value: 256 } },
  })
})

test.runIf(linux)('the right to write alone shows nothing: who writes a folder reads it', async () => {
  await using workspace = await openWorkspace()
  await workspace.write('out/file', 'content')
  await writeObeyingPlugin(workspace, 'p', { more: 'permissions: { filesystem: { write: [./out] } }' })
  await using host = await open(workspace, { grants: { p: ['filesystem.write:./out', 'filesystem.read:./out'] } })
  expect(await obey(host, 'p', reach([`${workspace.path}/out`]))).toEqual({ reads: [], writes: [] })
  expect(await decisions(workspace, 1)).toMatchObject([{ result: 'denied', layer: 'not-asked' }])
})

test.runIf(linux)('what is denied below a grant stays out of sight', async () => {
  await using workspace = await openWorkspace()
  for (const file of ['open', 'secret', 'keys/a', 'keys/sub/b']) await workspace.write(`data/${file}`, 'content')
  await writeObeyingPlugin(workspace, 'p', {
    execution: '  sandbox: { filesystem: { read_deny: [./data/keys] } }\n  limits: { memory: 200MiB }',
    more: 'permissions: { filesystem: { read: [./data] } }\ndeny_capabilities: ["filesystem.read:./data/secret"]',
  })
  // A grant of what is denied changes nothing.
  await using host = await open(workspace, {
    grants: { p: ['filesystem.read:./data', 'filesystem.read:./data/keys/a'] },
  })
  const files = ['open', 'secret', 'keys/a', 'keys/sub/b'].map((file) => `${workspace.path}/data/${file}`)
  expect(await obey(host, 'p', reach(files))).toEqual({ reads: files.slice(0, 1), writes: [] })
  const keys = JSON.stringify(`${workspace.path}/data/keys`)
  expect(await obey(host, 'p', `return fs.readdirSync(${keys})`)).toEqual([])
  await expect(obey(host, 'p', `fs.writeFileSync(${keys} + '/new', '')`)).rejects.toThrow(/EROFS|EACCES/)
})

test.runIf(linux)(
  'a folder with something denied in it is not given for writing: who writes there could move it',
  async () => {
    await using workspace = await openWorkspace()
    for (const file of ['open', 'keys/a']) await workspace.write(`data/${file}`, 'content')
    await writeObeyingPlugin(workspace, 'p', {
      more: 'permissions: { filesystem: [./data] }\ndeny_capabilities: ["filesystem.read:./data/keys"]',
    })
    await using host = await open(workspace, { grants: { p: ['filesystem.read:./data', 'filesystem.write:./data'] } })
    const files = ['open', 'keys/a'].map((file) => `${workspace.path}/data/${file}`)
    expect(await obey(host, 'p', reach(files))).toEqual({ reads: files.slice(0, 1), writes: [] })
    expect((await decisions(workspace, 2)).map(({ result, layer }) => [result, layer])).toEqual([
      ['denied', 'deny-list'],
      ['allowed', undefined],
    ])
  },
)

test.runIf(linux)("Bulkhead's own folders are not seen in a wider grant, and .git is not written", async () => {
  await using workspace = await openWorkspace()
  for (const file of [
    'home/secret',
    '.bulkhead/x',
    'repo/.git/config',
    'repo/file',
    'plain/file',
    'deep/a/b/.git/HEAD',
  ]) {
    await workspace.write(file, 'content')
  }
  await writeObeyingPlugin(workspace, 'p', {
    more: 'permissions: { filesystem: { read: [.], write: [./repo, ./plain, ./deep, .] } }',
  })
  await using host = await open(workspace, { grants: { p: ['filesystem.read:.', 'filesystem.write:.'] } })
  const at = (...names: string[]): string[] => names.map((name) => `${workspace.path}/${name}`)
  const seen = at('repo/.git/config', 'repo/file', 'plain/file', 'deep/a/b/.git/HEAD')
  const unseen = at('home/secret', '.bulkhead/x')
  expect(await obey(host, 'p', reach([...seen, ...unseen]))).toEqual({ reads: seen, writes: at('plain/file') })
  expect((await decisions(workspace, 3)).filter(({ result }) => result === 'denied').map(({ layer }) => layer)).toEqual(
    ['protected', 'protected', 'protected'],
  )
})

test.runIf(linux)('a link leads to no more than its target was granted', async () => {
  await using workspace = await openWorkspace()
  await workspace.write('elsewhere/file', 'content')
  await workspace.write('data/file', 'content')
  symlinkSync(`${workspace.path}/elsewhere`, `${workspace.path}/link`)
  symlinkSync(`${workspace.path}/elsewhere`, `${workspace.path}/data/link`)
  await writeObeyingPlugin(workspace, 'p', { more: 'permissions: { filesystem: { read: [./link, ./data] } }' })
  await using host = await open(workspace, { grants: { p: ['filesystem.read:./link', 'filesystem.read:./data'] } })
  const paths = ['link/file', 'data/link/file', 'elsewhere/file', 'data/file'].map(
    (path) => `${workspace.path}/${path}`,
  )
  expect(await obey(host, 'p', reach(paths))).toEqual({ reads: [paths[3]], writes: [] })
  expect(await decisions(workspace, 1)).toContainEqual({
    result: 'denied',
    capabilities: [`filesystem.read:${realpathSync(workspace.path)}/elsewhere`],
    layer: 'not-asked',
  })
})

test.runIf(linux)('pipes and sockets that stand in a granted folder are out of reach', async () => {
  await using workspace = await openWorkspace()
  await workspace.write('data/sub/file', 'content')
  const [pipe, socket] = [`${workspace.path}/data/sub/pipe`, `${workspace.path}/data/socket`]
  execFileSync('mkfifo', [pipe])
  const server = createServer((peer) => peer.end('hello'))
  await new Promise<void>((resolve) => server.listen(socket, resolve))
  try {
    await writeObeyingPlugin(workspace, 'p', { more: 'permissions: { filesystem: { read: [./data] } }' })
    await using host = await open(workspace, { grants: { p: ['filesystem.read:./data'] } })
    const body = `
      const came = await new Promise((resolve) => net.connect(${JSON.stringify(socket)}).on('data', () => resolve('reached')).on('error', () => resolve('refused')))
      let wrote = 'wrote'
      try { fs.closeSync(fs.openSync(${JSON.stringify(pipe)}, fs.constants.O_RDWR | fs.constants.O_NONBLOCK)) } catch { wrote = 'refused' }
      return [came, wrote, fs.lstatSync(${JSON.stringify(pipe)}).isFIFO(), fs.lstatSync(${JSON.stringify(socket)}).isSocket()]`
    expect(await obey(host, 'p', body)).toEqual(['refused', 'refused', false, false])
  } finally {
    server.close()
  }
})

test.runIf(linux)('of the environment, the names that were granted', async () => {
  await using workspace = await openWorkspace()
  await writeObeyingPlugin(workspace, 'p', { more: 'permissions: { env: [API_*, TOKEN, OTHER, HOME, "BULKHEAD_*"] }' })
  await using host = await open(
    workspace,
    { grants: { p: ['env:API_KEY', 'env:TOKEN', 'env:HOME', 'env:BULKHEAD_*', 'env:UNASKED'] } },
    {
      env: { API_KEY: 'a', API_SECRET: 'b', OTHER: 'c', HOME: '/of/the/host', BULKHEAD_HOME: 'd', UNASKED: 'e' },
      secrets: { TOKEN: 'of the embedding program' },
    },
  )
  expect(await obey(host, 'p', 'return process.env')).toEqual({
    API_KEY: 'a',
    TOKEN: 'of the embedding program',
    HOME: '/tmp',
    TMPDIR: '/tmp',
    LANG: 'C.UTF-8',
    PWD: '/plugin',
  })
  const { process: facts } = host.getPluginStatus('p')
  expect(facts?.['environment']).toEqual(['API_KEY', 'TOKEN'])
  expect(JSON.stringify(await auditRecords(workspace.home, {}))).not.toContain('of the embedding program')
})

test.runIf(linux)('one process serves one user: what another user allows is not in it', async () => {
  await using workspace = await openWorkspace()
  await workspace.write('data/file', 'content')
  await writeObeyingPlugin(workspace, 'p', {
    execution: '  isolation: per-plugin\n  limits: { memory: 200MiB }',
    more: 'permissions: { filesystem: { read: [./data] } }',
  })
  await using host = await open(workspace, {
    grants: { p: ['filesystem.read:./data'] },
    users: { ada: { allow: ['filesystem.read:./data'] }, bob: { allow: ['env:X'] } },
  })
  const file = `${workspace.path}/data/file`
  const reads = async (user?: string): Promise<unknown> =>
    obey(
      host,
      'p',
      `globalThis.seen = (globalThis.seen ?? 0) + 1; return [globalThis.seen, fs.existsSync(${JSON.stringify(file)})]`,
      user === undefined ? {} : { user },
    )
  expect(await reads('ada')).toEqual([1, true])
  expect(await reads('bob')).toEqual([1, false])
  expect(await reads()).toEqual([1, false])
  expect(await reads('ada')).toEqual([2, true])
})
