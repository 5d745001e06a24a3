import { expect, test } from 'vitest'
import { known } from '../../test/gate-world.ts'

test('protected paths are covered by no grant', async () => {
  const policy = { protectedPaths: { home: '/home/ada/.local/share/Bulkhead', paths: ['/srv/keys'] } }
  const { layer } = known({ policy }, ['*', 'filesystem.read:/', 'filesystem.write:/'])
  for (const path of [
    '/home/ada/.local/share/bulkhead/audit/x',
    '/home/ada/.local/share/Bulkhead',
    '/HOME/ada/.local/share/bulkhead/x',
    '/srv/keys/k',
    '/srv/sub/.bulkhead/plugins/x',
    '.bulkhead',
    '.BulkHead/x',
    '.bulk\u200dhead/x',
    '.bulkhead./x',
  ]) {
    expect(await layer({ capability: `filesystem.read:${path}` }), path).toBe('protected')
    expect(await layer({ capability: `filesystem.write:${path}` }), path).toBe('protected')
  }
  for (const path of ['.git/hooks/pre-commit', 'a/.GIT/config', 'a/git~1/config', 'bulkhead.yaml', 'x/Bulkhead.YML']) {
    expect(await layer({ capability: `filesystem.write:${path}` }), path).toBe('protected')
    expect(await layer({ capability: `filesystem.read:${path}` }), path).toBe('allowed')
  }
  // The folders above could be moved away with what is in them.
  for (const path of ['/home/ada/.local', '/']) {
    expect(await layer({ capability: `filesystem.write:${path}` }), path).toBe('protected')
    expect(await layer({ capability: `filesystem.read:${path}` }), path).toBe('allowed')
  }
  for (const path of ['src/git/x', '.gitignore', '.github/x', 'bulkhead.yaml.md', '/home/ada/.local/share/other']) {
    expect(await layer({ capability: `filesystem.write:${path}` }), path).toBe('allowed')
  }
})
