// Attempts to take more than the limits, each by bare system calls and bounded by itself.

import { constants } from 'node:os'
import type { ProgramCall } from './call-program.ts'
import { bareConfinement, creating, mebibyte, open, plain, type Probe } from './probe.ts'
import { runCalls } from './run-calls.ts'

const { EAGAIN, EMFILE, ENOSPC } = constants.errno
const SIGXFSZ = 25

/** The attempts, in the order in which people read them. */
export const limitProbes: readonly Probe[] = [
  {
    name: 'memory',
    promise: 'memory ends at the limit',
    attempt: async ({ architecture }) => {
      // Touched at once where a group bounds it (MAP_POPULATE), only mapped where an rlimit does.
      const bytes = (16 + 1024) * mebibyte
      const map = (size: number, flags: number): ProgramCall => ({
        call: plain('mmap', architecture),
        arguments: [0, size, 3, flags, -1, 0],
      })
      const { answers } = await runCalls([map(bytes, 0x22), map(bytes, 0x21)], bareConfinement)
      const [own = 0, shared = 0] = answers
      // An rlimit counts what is private and may be written, and that only while it may be.
      if (own < 0) return shared < 0 ? undefined : 'memory that processes share is not bounded without control groups'
      const touched = await runCalls([map(48 * mebibyte, 0x8022)], bareConfinement)
      return (touched.answers[0] ?? -1) < 0 ? undefined : 'three times the limit were taken'
    },
  },
  {
    name: 'process-count',
    promise: 'processes end at the limit',
    attempt: async ({ architecture }) => {
      // Every child goes on with the next call as well: 64 processes, if nothing ends them; six of them by the first alone.
      const fork: ProgramCall = { call: 'clone', arguments: [17, 0, 0, 0, 0] }
      const pause = new Uint8Array(16)
      new DataView(pause.buffer).setBigInt64(8, 50_000_000n, true)
      const wait: ProgramCall = { call: plain('nanosleep', architecture), arguments: [pause, 0] }
      const { answers } = await runCalls([...Array.from({ length: 6 }, () => fork), wait], bareConfinement)
      return answers.includes(-EAGAIN) ? undefined : 'all that were tried were started'
    },
  },
  {
    name: 'open-files',
    promise: 'open descriptors end at the limit',
    attempt: async ({ architecture }) => {
      const calls = Array.from(
        { length: 40 },
        (): ProgramCall => ({ call: plain('dup', architecture), arguments: [0] }),
      )
      return (await runCalls(calls, bareConfinement)).answers.includes(-EMFILE)
        ? undefined
        : 'all that were tried were opened'
    },
  },
  {
    name: 'file-size',
    promise: 'a file ends at the limit',
    attempt: async ({ architecture }) => {
      const grow: ProgramCall = {
        call: plain('ftruncate', architecture),
        arguments: [{ answerOf: 0 }, 64 * mebibyte + 1],
      }
      const { exit } = await runCalls([open('/tmp/file', creating, 0o600), grow], bareConfinement)
      return exit.signal === SIGXFSZ ? undefined : 'a larger file was made'
    },
  },
  {
    name: 'temporary-files',
    promise: 'the private /tmp and /dev/shm end at their size',
    attempt: async ({ architecture }) => {
      const fill = (file: number): ProgramCall => ({
        call: plain('fallocate', architecture),
        arguments: [{ answerOf: file }, 0, 0, 2 * mebibyte],
      })
      const files = ['/tmp/file', '/dev/shm/file'].map((path) => open(path, creating, 0o600))
      const { answers } = await runCalls([...files, fill(0), fill(1)], bareConfinement)
      return answers[2] === -ENOSPC && answers[3] === -ENOSPC ? undefined : 'twice its size was taken'
    },
  },
]
