// The filter over system calls that a confined program lives under, as a program of classic BPF. What it does not name
// is allowed: the namespaces bound what a call can reach; the filter takes away what would reach around them, and the
// parts of the kernel that a plugin has no use for and that attackers have.

import { assembleBpf, type BpfLine } from './bpf.ts'
import { type Architecture, type SystemCall, systemCallNumber } from './system-calls.ts'

/** What the filter depends on. */
export interface FilterOptions {
  readonly architecture: Architecture
  /** Whether internet sockets may be made. */
  readonly internet: boolean
  /** Whether Unix sockets may be made that can be connected to others; connected pairs always may. */
  readonly local: boolean
}

/** Answers of a filter (linux/seccomp.h). An errno stands in the low 16 bits of `errno`. */
export const filterAnswers = { kill: 0x8000_0000, errno: 0x0005_0000, allow: 0x7fff_0000 } as const

/** AUDIT_ARCH_X86_64 and AUDIT_ARCH_AARCH64 of linux/audit.h. */
export const auditArchitectures = { x64: 0xc000_003e, arm64: 0xc000_00b7 } as const

const eperm = filterAnswers.errno | 1
const enosys = filterAnswers.errno | 38
const eafnosupport = filterAnswers.errno | 97

/** Offsets in struct seccomp_data: the number, the architecture, the low and the high half of an argument. */
const numberOffset = 0
const architectureOffset = 4
const low = (argument: number): number => 16 + argument * 8

/** Nobody who means well calls these; a program that does is ended at once. */
const killed: SystemCall[] = [
  'kexec_load',
  'kexec_file_load',
  'create_module',
  'init_module',
  'finit_module',
  'delete_module',
  'get_kernel_syms',
  'query_module',
  'swapon',
  'swapoff',
  'reboot',
  'nfsservctl',
  'uselib',
  'iopl',
  'ioperm',
]

/** Programs ask for these and do without. */
const refused: SystemCall[] = [
  ...(['ptrace', 'process_vm_readv', 'process_vm_writev', 'process_madvise', 'pidfd_getfd', 'kcmp'] as const),
  ...(['io_uring_setup', 'io_uring_enter', 'io_uring_register'] as const),
  ...(['mount', 'umount2', 'pivot_root', 'chroot', 'fsopen', 'fsconfig', 'fsmount', 'fspick', 'move_mount'] as const),
  ...(['open_tree', 'open_tree_attr', 'mount_setattr', 'open_by_handle_at', 'name_to_handle_at'] as const),
  ...(['fanotify_init', 'quotactl', 'quotactl_fd', 'unshare', 'setns', 'add_key', 'request_key', 'keyctl'] as const),
  ...([
    'bpf',
    'perf_event_open',
    'userfaultfd',
    'move_pages',
    'migrate_pages',
    'lookup_dcookie',
    'modify_ldt',
  ] as const),
  ...(['ustat', 'sysfs', '_sysctl', 'syslog', 'vhangup', 'acct', 'settimeofday', 'clock_settime'] as const),
]

/** CLONE_NEWTIME, NEWNS, NEWCGROUP, NEWUTS, NEWIPC, NEWUSER, NEWPID and NEWNET of linux/sched.h. NEWTIME is a signal number for clone. */
const namespaceFlags = 0x7e02_0000

const tiocsti = 0x5412
const tioclinux = 0x541c

/** F_SETLEASE of linux/fcntl.h: others who open the file for writing would wait for the holder, for 45 s each. */
const setLease = 1024
/** Process 1 of the sandbox as those inside call it. It runs as the same user, so the kernel would let them. */
const firstProcess = 1

const afUnix = 1
const afInet = 2
const afInet6 = 10
/** Set in SOCK_DGRAM and SOCK_RAW, which is the same for Unix sockets; in neither SOCK_STREAM nor SOCK_SEQPACKET. */
const datagramBit = 2

/** O_CREAT and __O_TMPFILE: without one of them the mode of an open is not read. Same on both architectures. */
const creating = 0x40_0040
/** S_ISUID and S_ISGID: a file with them in a writable folder would lend our rights to whoever starts it outside. */
const setIdBits = 0o6000

const load = (offset: number): BpfLine => ({ do: 'load', offset })
const answer = (value: number): BpfLine => ({ do: 'return', value })

/** A judgement on arguments. Its lines end in answers, and its labels are its own. */
interface Judgement {
  readonly calls: readonly SystemCall[]
  readonly lines: readonly BpfLine[]
}

/** Refuses with `value` when the argument has any of the bits; it is 32 bits wide for the kernel too. */
const refuseBits = (calls: readonly SystemCall[], argument: number, bits: number): Judgement => ({
  calls,
  lines: [
    load(low(argument)),
    { do: 'if', test: 'any-bit', value: bits, else: `${calls[0]}-plain` },
    answer(eperm),
    { do: 'label', name: `${calls[0]}-plain` },
    answer(filterAnswers.allow),
  ],
})

/** Refuses, with `value`, an argument that is one of `values` (or, with `others`, that is none of them). */
const refuseValues = (
  calls: readonly SystemCall[],
  argument: number,
  options: { readonly values: readonly number[]; readonly others?: boolean; readonly value: number },
): Judgement => ({
  calls,
  lines: [
    load(low(argument)),
    ...options.values.map((value): BpfLine => ({ do: 'if', test: 'equal', value, then: `${calls[0]}-among` })),
    answer(options.others === true ? options.value : filterAnswers.allow),
    { do: 'label', name: `${calls[0]}-among` },
    answer(options.others === true ? filterAnswers.allow : options.value),
  ],
})

/** An open that makes a file with a set-id bit; the flags stand in `argument`, the mode after them. */
const refuseCreation = (call: SystemCall, argument: number): Judgement => ({
  calls: [call],
  lines: [
    load(low(argument)),
    { do: 'if', test: 'any-bit', value: creating, else: `${call}-plain` },
    load(low(argument + 1)),
    { do: 'if', test: 'any-bit', value: setIdBits, else: `${call}-plain` },
    answer(eperm),
    { do: 'label', name: `${call}-plain` },
    answer(filterAnswers.allow),
  ],
})

/** Pairs of streams: one of datagrams could be connected anew, or send to a path, as a single socket can. */
const onlyStreamPairs: Judgement = {
  calls: ['socketpair'],
  lines: [
    load(low(0)),
    { do: 'if', test: 'equal', value: afUnix, else: 'pair-refused' },
    load(low(1)),
    { do: 'if', test: 'any-bit', value: datagramBit, then: 'pair-refused' },
    answer(filterAnswers.allow),
    { do: 'label', name: 'pair-refused' },
    answer(eafnosupport),
  ],
}

const judgements = ({ internet, local }: Pick<FilterOptions, 'internet' | 'local'>): Judgement[] => [
  refuseCreation('openat', 2),
  refuseCreation('open', 1),
  refuseValues(['ioctl'], 1, { values: [tiocsti, tioclinux], value: eperm }),
  refuseValues(['fcntl'], 1, { values: [setLease], value: eperm }),
  // Without descriptors, or behind all others in the queue for a processor, it would not see that the host is gone.
  refuseValues(['prlimit64', 'sched_setscheduler', 'sched_setparam', 'sched_setattr', 'sched_setaffinity'], 0, {
    values: [firstProcess],
    value: eperm,
  }),
  refuseBits(['clone'], 0, namespaceFlags),
  refuseValues(['socket'], 0, {
    values: [...(local ? [afUnix] : []), ...(internet ? [afInet, afInet6] : [])],
    others: true,
    value: eafnosupport,
  }),
  local ? refuseValues(['socketpair'], 0, { values: [afUnix], others: true, value: eafnosupport }) : onlyStreamPairs,
  refuseBits(['chmod', 'fchmod', 'mkdir', 'mknod', 'creat'], 1, setIdBits),
  refuseBits(['fchmodat', 'fchmodat2', 'mkdirat', 'mknodat'], 2, setIdBits),
  // Asking (0xffffffff) and the plain Linux personality (0) are harmless; others turn defences off.
  refuseValues(['personality'], 0, { values: [0, 0xffff_ffff], others: true, value: eperm }),
  // Their flags are behind a pointer, where a filter cannot look: programs fall back on clone and openat.
  { calls: ['clone3', 'openat2'], lines: [answer(enosys)] },
  // A user has 128 of these on most hosts, all programs together: one sandbox could take them all.
  { calls: ['inotify_init', 'inotify_init1'], lines: [answer(enosys)] },
]

/** The filter's program, in the bytes that the kernel takes. */
export const makeSystemCallFilter = ({ architecture, ...sockets }: FilterOptions): Uint8Array<ArrayBuffer> => {
  const numbers = (calls: readonly SystemCall[]): number[] =>
    calls.map((call) => systemCallNumber(call, architecture)).filter((number) => number !== null)
  /** Runs `lines`, which end in an answer, for these calls; goes on behind them else. */
  const onCalls = (calls: readonly SystemCall[], lines: readonly BpfLine[]): BpfLine[] => {
    const wanted = numbers(calls)
    const [inside, behind] = [`${calls[0]}-inside`, `${calls[0]}-behind`]
    if (wanted.length === 0) return []
    return [
      ...wanted.map(
        (value, index): BpfLine => ({
          do: 'if',
          test: 'equal',
          value,
          then: inside,
          ...(index === wanted.length - 1 ? { else: behind } : {}),
        }),
      ),
      { do: 'label', name: inside },
      ...lines,
      // The number is loaded once; a judgement that loads an argument always answers, so it is still there behind.
      { do: 'label', name: behind },
    ]
  }
  return assembleBpf([
    load(architectureOffset),
    { do: 'if', test: 'equal', value: auditArchitectures[architecture], then: 'ours' },
    // 32-bit calls of a 64-bit program have numbers of their own.
    answer(filterAnswers.kill),
    { do: 'label', name: 'ours' },
    load(numberOffset),
    // The x32 calls, which share the architecture's word, have this bit.
    { do: 'if', test: 'at-least', value: 0x4000_0000, else: 'native' },
    answer(filterAnswers.kill),
    { do: 'label', name: 'native' },
    ...judgements(sockets).flatMap(({ calls, lines }) => onCalls(calls, lines)),
    ...onCalls(refused, [answer(eperm)]),
    ...onCalls(killed, [answer(filterAnswers.kill)]),
    answer(filterAnswers.allow),
  ])
}
