import { PassThrough } from 'node:stream'
import { expect, test } from 'vitest'
import { describeFailure, failureOf } from './start-failure.ts'

test('a host without namespaces is missing the sandbox, and is told what to allow', () => {
  const said = [
    'bwrap: No permissions to create new namespace, likely because the kernel does not allow it.',
    'bwrap: setting up uid map: Permission denied',
    'bwrap: pivot_root: Operation not permitted',
  ]
  for (const words of said) {
    const { code, message, hint } = describeFailure(words, '/bin/x')
    expect({ code, hint }).toEqual({ code: 'sandbox.missing', hint: expect.stringMatching(/sysctl|security-opt/) })
    expect(message).toContain(words)
  }
})

test('an old bubblewrap is told from a host that cannot', () => {
  const { code, hint } = describeFailure('bwrap: Unknown option --bind-fd', '/bin/x')
  expect({ code, hint }).toEqual({ code: 'sandbox.missing', hint: expect.stringContaining('apt-get install') })
})

test('anything else is the failure of this start', () => {
  expect(describeFailure("bwrap: Can't chdir to /none: No such file or directory", '/bin/x')).toMatchObject({
    code: 'sandbox.failed',
    message: expect.stringContaining('/none'),
  })
  expect(describeFailure('', undefined)).toMatchObject({ message: expect.stringContaining('without a word') })
})

test('a host that is short of something for now is no host that cannot', () => {
  for (const words of [
    'bwrap: Creating new namespace failed: Resource temporarily unavailable',
    'bwrap: Creating new namespace failed: Cannot allocate memory',
    'bwrap: Creating new namespace failed: nesting depth or /proc/sys/user/max_*_namespaces exceeded (ENOSPC)',
  ]) {
    expect(describeFailure(words, '/bin/x').code).toBe('sandbox.failed')
  }
})

test('words that come in pieces are one, and endless ones are cut', async () => {
  const stderr = new PassThrough()
  const failure = failureOf({ stderr }, ['/bin/x'])
  stderr.write('bwrap:')
  setTimeout(() => stderr.end(` no such ${'x'.repeat(100_000)}`), 20)
  const { message } = await failure
  expect(message).toContain('bwrap: no such xxx')
  expect(message.length).toBeLessThan(2_100)
})

test('a bubblewrap that holds its tongue and lives is not waited for', async () => {
  const stderr = new PassThrough()
  stderr.write('bwrap: half')
  expect((await failureOf({ stderr }, ['/bin/x'])).message).toContain('half')
})
