// What a program of an attacker tries from inside a sandbox, as the text of a Node script: for a process plugin, and for whatever else
// runs Node in a confinement. It needs `fs`, `net`, `os` and `child`. Every attempt is bounded by itself and undoes what came of it,
// so that it does no harm where a defence is missing; those that would change the machine are left out unless `acts` is set, which
// stands for "inside of a sandbox" and nothing else.

/** What stands outside, for the attempts to reach. */
export interface AttackTargets {
  /** Files that were not granted. */
  readonly files: readonly string[]
  /** A word that stands in the environment of the host and nowhere else. */
  readonly secret: string
  /** The process of the host. */
  readonly pid: number
  /** Servers that answer `hello` to whoever comes. */
  readonly port: number
  readonly socket: string
  readonly abstract: string
}

/** Attempts that change something when they succeed. */
const acting = `
  attempt('memory of process 1', () => fs.openSync('/proc/1/mem', 'r+') && 'open')
  for (const path of ['/new', '/dev/new', '/usr/new', '/etc/new']) {
    attempt('writing ' + path, () => { fs.closeSync(fs.openSync(path, 'wx')); fs.unlinkSync(path); return 'made' })
  }
  for (const path of ['/proc/sys/kernel/core_pattern', '/proc/sysrq-trigger', process.execPath, process.argv[1] ?? '/none']) {
    attempt('writing ' + path, () => fs.openSync(path, 'r+') && 'open')
  }
  const own = fs.mkdtempSync('/tmp/attack-')
  attempt('set-id', () => { fs.writeFileSync(own + '/s', ''); fs.chmodSync(own + '/s', 0o4755); return 'made' })
  attempt('mount', () => child.spawnSync('/bin/mount', ['-t', 'tmpfs', 'x', own]).status === 0 && (child.spawnSync('/bin/umount', [own]), 'mounted'))
  attempt('user namespace', () => child.spawnSync('/usr/bin/unshare', ['-U', 'true']).status === 0 && 'made')
  fs.rmSync(own, { recursive: true })
`

/** The body of an asynchronous function; it returns what was got hold of, by the name of the attempt: nothing, when all holds. */
export const attackScript = (targets: AttackTargets, { acts }: { readonly acts: boolean }): string => `
  const targets = ${JSON.stringify(targets)}
  const got = {}
  const attempt = (name, work) => { try { const seen = work(); if (seen) got[name] = seen } catch {} }
  const read = (path) => fs.readFileSync(path, 'latin1')
  attempt('files', () => targets.files.filter((path) => fs.existsSync(path)).join())
  attempt('folders', () => ['/root', '/home', '/var', '/run', '/sys', '/boot', '/opt', '/srv', '/mnt'].filter((path) => fs.existsSync(path)).join())
  attempt('shadow', () => read('/etc/shadow'))
  attempt('by process 1', () => fs.existsSync('/proc/1/root/etc/passwd') && 'root')
  const numbers = fs.readdirSync('/proc').filter((name) => /^\\d+$/.test(name))
  for (const number of numbers) {
    for (const name of ['environ', 'cmdline', 'maps']) {
      attempt(name + ' of ' + number, () => read('/proc/' + number + '/' + name).includes(targets.secret) && number)
    }
  }
  attempt('processes', () => numbers.length > 8 && String(numbers))
  attempt('signal', () => process.kill(targets.pid, 0) && 'found')
  attempt('devices', () => fs.readdirSync('/dev').filter((name) => /^(?:sd|vd|nvme|mem|kmsg|kvm|fuse|tty\\d)/.test(name)).join())
${acts ? acting : ''}  attempt('rights', () => { const line = /^Cap(?:Eff|Prm|Bnd):\\s*0*[1-9a-f].*$/m.exec(read('/proc/self/status')); return line && line[0] })
  attempt('new rights', () => !/^NoNewPrivs:\\s*1/m.test(read('/proc/self/status')) && 'possible')
  attempt('filter', () => !/^Seccomp:\\s*2/m.test(read('/proc/self/status')) && 'none')
  attempt('network interfaces', () => Object.keys(os.networkInterfaces()).filter((name) => name !== 'lo').join())
  const connect = (name, place) => new Promise((resolve) => {
    const end = () => { socket.destroy(); resolve() }
    let socket
    try { socket = net.connect(place) } catch { return resolve() }
    socket.on('data', () => { got[name] = 'reached' }).on('error', end).on('close', end).setTimeout(500, end)
  })
  await Promise.all([
    connect('loopback', { host: '127.0.0.1', port: targets.port }),
    connect('metadata', { host: '169.254.169.254', port: 80 }),
    connect('path socket', { path: targets.socket }),
    connect('abstract socket', { path: targets.abstract }),
  ])
  return got`

const numbers = {
  x64: {
    ...{ ptrace: 101, unshare: 272, setns: 308, mount: 165, io_uring_setup: 425, ioctl: 16, keyctl: 250, bpf: 321 },
    ...{ process_vm_readv: 310, userfaultfd: 323, perf_event_open: 298, clone3: 435, pidfd_getfd: 438 },
  },
} as const
/** For programs that make system calls by number, such as Python with ctypes: what the filter must refuse. */
export const refusedCalls: Readonly<Record<string, number>> | undefined =
  process.arch === 'x64' ? numbers.x64 : undefined
