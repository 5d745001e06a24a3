// Reads where this process stands in the control groups of the host. Pure: the texts of /proc come in.

/** The folders in which groups for confined programs may be made, by what they bound. */
export interface CgroupPlaces {
  readonly version: 1 | 2
  /** Version 1: one folder for each controller. Version 2: the same folder for all. */
  readonly memory: readonly string[]
  readonly pids: readonly string[]
  readonly cpu: readonly string[]
}

interface CgroupMount {
  readonly kind: string
  /** Which group the mount point shows. */
  readonly root: string
  readonly folder: string
  readonly options: readonly string[]
}

/** Lines of /proc/self/mountinfo (proc_pid_mountinfo(5)); paths escape blanks and backslashes as octal numbers. */
const parseMounts = (text: string): CgroupMount[] =>
  text.split('\n').flatMap((line) => {
    const [before, after] = line.split(' - ')
    const [, , , root, folder] = before?.split(' ') ?? []
    const [kind, , options] = after?.split(' ') ?? []
    if (root === undefined || folder === undefined || kind === undefined || !kind.startsWith('cgroup')) return []
    const plain = (path: string): string =>
      path.replace(/\\([0-7]{3})/g, (_, code) => String.fromCharCode(Number.parseInt(code, 8)))
    return [{ kind, root: plain(root), folder: plain(folder), options: options?.split(',') ?? [] }]
  })

/** Lines of /proc/self/cgroup (cgroups(7)): `id:controllers:path`; the path may hold colons. */
const ownPath = (text: string, controller: string): string | undefined => {
  for (const line of text.split('\n')) {
    const [, controllers, ...path] = line.split(':')
    if (controllers?.split(',').includes(controller) === true) return path.join(':')
  }
  return undefined
}

/** The folder that shows the group `path`, when the mount shows it at all. */
const folderOf = (mount: CgroupMount, path: string): string | undefined => {
  if (mount.root === '/') return `${mount.folder}${path === '/' ? '' : path}`
  if (path === mount.root) return mount.folder
  return path.startsWith(`${mount.root}/`) ? `${mount.folder}${path.slice(mount.root.length)}` : undefined
}

/**
 * The places for groups of our own, the best first: below our own group, so that whatever bounds us bounds them. Version 2
 * lets a group with processes have no groups with limits below it (except the root), so there the folder above is next.
 */
export const findCgroupPlaces = (mountinfo: string, ownGroups: string): CgroupPlaces => {
  const mounts = parseMounts(mountinfo)
  const first = (controller: string): string[] => {
    const mount = mounts.find(({ kind, options }) => kind === 'cgroup' && options.includes(controller))
    const path = ownPath(ownGroups, controller)
    const folder = mount === undefined || path === undefined ? undefined : folderOf(mount, path)
    return folder === undefined ? [] : [folder]
  }
  const [memory, pids, cpu] = [first('memory'), first('pids'), first('cpuacct')]
  if (memory.length > 0 || pids.length > 0) return { version: 1, memory, pids, cpu }

  const mount = mounts.find(({ kind }) => kind === 'cgroup2')
  const path = ownPath(ownGroups, '')
  const own = mount === undefined || path === undefined ? undefined : folderOf(mount, path)
  const above = own === undefined || own === mount?.folder ? undefined : own.slice(0, own.lastIndexOf('/'))
  const folders = [own, above].filter((folder) => folder !== undefined)
  return { version: 2, memory: folders, pids: folders, cpu: folders }
}
