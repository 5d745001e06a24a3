import { expect, test } from 'vitest'
import { findSandboxTools } from './host-system.ts'
import { probeSandbox } from './probe-sandbox.ts'

test.runIf(process.platform === 'linux')('every promise is tried here, and holds', async () => {
  const { version, findings, applied } = await probeSandbox()
  expect(version).toMatch(/^bubblewrap \d/)
  const broken = findings.filter(({ holds }) => !holds).map(({ name, seen }) => `${name}: ${seen}`)
  // Without control groups the kernel bounds no shared memory, and no processes of its root, and the probe has to say so.
  expect(broken).toEqual([
    ...(applied.memory.by === 'group'
      ? []
      : ['memory: memory that processes share is not bounded without control groups']),
    ...(applied.processes.by === 'none' ? ['process-count: all that were tried were started'] : []),
  ])
})

test('a host without a tool is told what to type', () => {
  const linux = { platform: 'linux', arch: 'x64', folders: ['/nowhere'] }
  expect(() => findSandboxTools(linux)).toThrow(
    expect.objectContaining({
      code: 'sandbox.missing',
      hint: expect.stringContaining('apt-get install -y bubblewrap'),
    }),
  )
  expect(() => findSandboxTools({ ...linux, platform: 'win32' })).toThrow(
    expect.objectContaining({ code: 'sandbox.missing' }),
  )
  expect(() => findSandboxTools({ ...linux, arch: 'riscv64' })).toThrow(/riscv64/)
})
