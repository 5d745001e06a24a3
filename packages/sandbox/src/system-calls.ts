// Numbers of the system calls that the filter looks at, for the two architectures that we know. Sources: the kernel's
// arch/x86/entry/syscalls/syscall_64.tbl, and include/uapi/asm-generic/unistd.h, which arm64 uses.

/** An architecture with a table. */
export type Architecture = 'x64' | 'arm64'

/** A name of the table. */
export type SystemCall = keyof typeof systemCalls

/** Number on x64, number on arm64; `null` where the architecture does not have the call. */
export const systemCalls = {
  // Other processes.
  ptrace: [101, 117],
  process_vm_readv: [310, 270],
  process_vm_writev: [311, 271],
  process_madvise: [440, 440],
  pidfd_getfd: [438, 438],
  kcmp: [312, 272],
  // Queues through which system calls are made out of the filter's sight.
  io_uring_setup: [425, 425],
  io_uring_enter: [426, 426],
  io_uring_register: [427, 427],
  // The tree of files.
  mount: [165, 40],
  umount2: [166, 39],
  pivot_root: [155, 41],
  chroot: [161, 51],
  fsopen: [430, 430],
  fsconfig: [431, 431],
  fsmount: [432, 432],
  fspick: [433, 433],
  move_mount: [429, 429],
  open_tree: [428, 428],
  mount_setattr: [442, 442],
  open_tree_attr: [467, 467],
  open_by_handle_at: [304, 265],
  name_to_handle_at: [303, 264],
  fanotify_init: [300, 262],
  quotactl: [179, 60],
  quotactl_fd: [443, 443],
  // Namespaces.
  unshare: [272, 97],
  setns: [308, 268],
  clone: [56, 220],
  clone3: [435, 435],
  // Keys are not divided by namespaces as files are.
  add_key: [248, 217],
  request_key: [249, 218],
  keyctl: [250, 219],
  // Large or old surfaces of the kernel.
  bpf: [321, 280],
  perf_event_open: [298, 241],
  userfaultfd: [323, 282],
  move_pages: [279, 239],
  migrate_pages: [256, 238],
  lookup_dcookie: [212, 18],
  personality: [135, 92],
  modify_ldt: [154, null],
  uselib: [134, null],
  ustat: [136, null],
  sysfs: [139, null],
  _sysctl: [156, null],
  syslog: [103, 116],
  vhangup: [153, 58],
  acct: [163, 89],
  // The machine itself.
  iopl: [172, null],
  ioperm: [173, null],
  kexec_load: [246, 104],
  kexec_file_load: [320, 294],
  create_module: [174, null],
  get_kernel_syms: [177, null],
  query_module: [178, null],
  init_module: [175, 105],
  finit_module: [313, 273],
  delete_module: [176, 106],
  swapon: [167, 224],
  swapoff: [168, 225],
  reboot: [169, 142],
  nfsservctl: [180, 42],
  settimeofday: [164, 170],
  clock_settime: [227, 112],
  // Quotas that all processes of the user share.
  inotify_init: [253, null],
  inotify_init1: [294, 26],
  // What one process may do to another of the same user.
  prlimit64: [302, 261],
  sched_setparam: [142, 118],
  sched_setscheduler: [144, 119],
  sched_setaffinity: [203, 122],
  sched_setattr: [314, 274],
  // Looked at more closely.
  fcntl: [72, 25],
  ioctl: [16, 29],
  socket: [41, 198],
  socketpair: [53, 199],
  open: [2, null],
  openat: [257, 56],
  openat2: [437, 437],
  creat: [85, null],
  chmod: [90, null],
  fchmod: [91, 52],
  fchmodat: [268, 53],
  fchmodat2: [452, 452],
  mkdir: [83, null],
  mkdirat: [258, 34],
  mknod: [133, null],
  mknodat: [259, 33],
} as const satisfies Record<string, readonly [number, number | null]>

/** The number of a call, or `null` where the architecture does not have it. */
export const systemCallNumber = (name: SystemCall, architecture: Architecture): number | null =>
  systemCalls[name][architecture === 'x64' ? 0 : 1]
