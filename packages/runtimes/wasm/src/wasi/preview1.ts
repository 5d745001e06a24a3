// WASI preview 1 (`wasi_snapshot_preview1`), as far as a plugin without files has it: clocks, randomness, standard
// streams, exit, sleeping. Arguments and environment are empty; there are no preopened folders, so every path call
// fails with `badf`. All functions of the interface are there, so that modules link.

import type { WasmImportValue } from '@bulkhead/cell'
import { BulkheadError } from '@bulkhead/kernel/wire'
import type { HostImport, WasmValue } from '../import-guard.ts'
import { clockNs } from './clock.ts'
import { errno, GuestMemory, u32, WasiErrno } from './memory.ts'
import { pollOneoff } from './poll.ts'
import type { CallState } from '../call-state.ts'
import type { WasiParts } from './parts.ts'

/** A WASI function: answers an error number, or nothing for success. */
type WasiFunction = (memory: GuestMemory, ...args: WasmValue[]) => number | void

/** Calls that take a path or a descriptor of a file; there is none. */
const needFile = [
  'fd_advise',
  'fd_allocate',
  'fd_datasync',
  'fd_fdstat_set_rights',
  'fd_filestat_set_size',
  'fd_filestat_set_times',
  'fd_pread',
  'fd_prestat_dir_name',
  'fd_prestat_get',
  'fd_pwrite',
  'fd_readdir',
  'fd_renumber',
  'fd_sync',
  'path_create_directory',
  'path_filestat_get',
  'path_filestat_set_times',
  'path_link',
  'path_open',
  'path_readlink',
  'path_remove_directory',
  'path_rename',
  'path_symlink',
  'path_unlink_file',
  'sock_accept',
  'sock_recv',
  'sock_send',
  'sock_shutdown',
]

/** Calls that start-up code of every language makes, and that say the same each time. */
const constants: ReadonlySet<string> = new Set([
  'args_get',
  'args_sizes_get',
  'environ_get',
  'environ_sizes_get',
  'fd_fdstat_get',
  'fd_filestat_get',
])

/** Makes the functions of `wasi_snapshot_preview1` for one module of one instance. */
export const makeWasi = (parts: WasiParts): Record<string, WasmImportValue> => {
  const { guard, memory, state } = parts
  const wrap = (run: WasiFunction): HostImport => {
    return (...args) => {
      try {
        return run(new GuestMemory(memory()), ...args) ?? errno.success
      } catch (thrown) {
        if (thrown instanceof WasiErrno) return thrown.errno
        throw thrown
      }
    }
  }
  const table: Record<string, WasiFunction> = { ...environment, ...clocks, ...descriptors(parts) }
  const functions = Object.entries(table).map(
    ([name, run]) => [name, constants.has(name) ? guard.constant(wrap(run)) : guard.now(wrap(run))] as const,
  )
  const refused = needFile.map((name) => [name, guard.constant(() => errno.badf)] as const)
  return {
    ...(Object.fromEntries([...functions, ...refused]) as Record<string, WasmImportValue>),
    sched_yield: guard.constant(() => errno.success),
    proc_exit: guard.now((code) => exit(state, u32(code))),
    proc_raise: guard.now((signal) => exit(state, 128 + u32(signal))),
    poll_oneoff: guard.sleeping((...args) => pollOneoff(parts, args)),
  }
}

const exit = (state: CallState, code: number): never => {
  state.exitCode ??= code
  throw new BulkheadError('plugin.exit', `the plugin exited with code ${code}`, { details: { exitCode: code } })
}

const noStrings: WasiFunction = (memory, count, bytes) => {
  memory.setU32(u32(count), 0)
  memory.setU32(u32(bytes), 0)
}

const environment: Record<string, WasiFunction> = {
  args_get: () => undefined,
  args_sizes_get: noStrings,
  environ_get: () => undefined,
  environ_sizes_get: noStrings,
  random_get: (memory, at, length) => {
    const range = memory.range(u32(at), u32(length))
    if (range.length > mostRandomBytes) return errno.inval
    // getRandomValues fills at most 65536 bytes a time (Web Cryptography, 10.1.1).
    for (let done = 0; done < range.length; done += 65_536) {
      crypto.getRandomValues(range.subarray(done, done + 65_536) as Uint8Array<ArrayBuffer>)
    }
  },
}

/** Names of the functions of the interface. */
export const wasiNames: readonly string[] = [
  ...needFile,
  'args_get',
  'args_sizes_get',
  'clock_res_get',
  'clock_time_get',
  'environ_get',
  'environ_sizes_get',
  'fd_close',
  'fd_fdstat_get',
  'fd_fdstat_set_flags',
  'fd_filestat_get',
  'fd_read',
  'fd_seek',
  'fd_tell',
  'fd_write',
  'poll_oneoff',
  'proc_exit',
  'proc_raise',
  'random_get',
  'sched_yield',
]

/** Random bytes at once: no clock ends the making of them, which takes a nanosecond each. */
const mostRandomBytes = 1024 * 1024

const clocks: Record<string, WasiFunction> = {
  clock_res_get: (memory, clock, at) => {
    if (u32(clock) > 3) return errno.inval
    memory.setU64(u32(at), u32(clock) === 0 ? 1_000_000n : 100_000n)
  },
  clock_time_get: (memory, clock, _precision, at) => memory.setU64(u32(at), clockNs(u32(clock))),
}

const standardFd = (value: WasmValue | undefined): 0 | 1 | 2 => {
  const fd = u32(value)
  if (fd === 0 || fd === 1 || fd === 2) return fd
  throw new WasiErrno(errno.badf)
}

const seek: WasiFunction = (_memory, fd) => {
  standardFd(fd)
  return errno.spipe
}

/** File type `character_device` and the rights to read or to write (bits 1 and 6 of type rights). */
const characterDevice = 2

const descriptors = ({ streams, outputBytes }: WasiParts): Record<string, WasiFunction> => ({
  fd_close: (_memory, fd) => void standardFd(fd),
  fd_seek: seek,
  fd_tell: seek,
  fd_fdstat_set_flags: (_memory, fd) => void standardFd(fd),
  fd_fdstat_get: (memory, fdValue, at) => {
    const fd = standardFd(fdValue)
    memory.range(u32(at), 24).fill(0)
    memory.setU8(u32(at), characterDevice)
    memory.setU64(u32(at) + 8, fd === 0 ? 2n : 64n)
  },
  fd_filestat_get: (memory, fd, at) => {
    standardFd(fd)
    memory.range(u32(at), 64).fill(0)
    memory.setU8(u32(at) + 16, characterDevice)
  },
  fd_read: (memory, fd, vectors, count, at) => {
    if (standardFd(fd) !== 0) return errno.badf
    memory.range(u32(at), 4)
    let read = 0
    for (const into of memory.vectors(u32(vectors), u32(count))) read += streams.read(into)
    memory.setU32(u32(at), read)
  },
  fd_write: (memory, fdValue, vectors, count, at) => {
    const fd = standardFd(fdValue)
    if (fd === 0) return errno.badf
    memory.range(u32(at), 4)
    let written = 0
    for (const from of memory.vectors(u32(vectors), u32(count))) {
      streams.write(fd, from, outputBytes)
      written += from.length
    }
    memory.setU32(u32(at), written >>> 0)
  },
})
