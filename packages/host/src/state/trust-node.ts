// Which project folders may be read at all. Trust is bound to the folder's real path and to the digest of everything
// in it: any change asks again. Nothing in an untrusted folder is parsed, let alone obeyed.

import { createHash } from 'node:crypto'
import { readFile, realpath, rename, writeFile } from 'node:fs/promises'
import { basename, dirname, join, resolve } from 'node:path'
import { BulkheadError } from '@bulkhead/kernel'
import { z } from 'zod'
import { listFilesBelow, readFilesBelow } from '../edge/files-below-node.ts'
import { recordTrust } from './trust-record-node.ts'

const TrustFile = z.object({
  version: z.literal(1),
  folders: z.record(z.string(), z.object({ digest: z.string(), at: z.string() })),
})

/** Folder of a project that holds what Bulkhead may obey. */
export const projectFolderName = '.bulkhead'

/** A digest over every file below a folder. */
export interface FolderDigest {
  readonly path: string
  readonly digest: string
  readonly files: readonly string[]
}

const maxFiles = 5000
const maxFileBytes = 64 * 1024 * 1024
/** Of all files together: they are hashed at every start. */
const maxTotalBytes = 512 * 1024 * 1024
const keepSmall = 'Keep what is not part of a plugin outside of the folder.'

/** Hashes names and contents of all files below the folder, sorted. Links and special files are refused. */
export const digestFolder = async (folder: string): Promise<FolderDigest> => {
  const path = await realpath(folder)
  const files = await listFilesBelow(path, {
    maxFiles,
    what: 'files',
    hint: keepSmall,
    takes: (entry, full) => {
      if (entry.isFile()) return true
      throw new BulkheadError('artifact.outside', `${full} is a link or a special file`, {
        hint: 'A trusted folder holds plain files and folders only.',
      })
    },
  })
  const hash = createHash('sha256')
  const caps = { maxBytes: maxFileBytes, maxTotalBytes }
  for await (const [file, bytes] of readFilesBelow({ root: path, files, ...caps, what: 'file', hint: keepSmall })) {
    hash.update(`${JSON.stringify(file)} ${bytes.byteLength}\n`).update(bytes)
  }
  return { path, digest: hash.digest('hex'), files }
}

const trustFile = (home: string): string => join(home, 'trust.json')

const readTrust = async (home: string): Promise<z.infer<typeof TrustFile>> => {
  let text: string
  try {
    text = await readFile(trustFile(home), 'utf8')
  } catch {
    return { version: 1, folders: {} }
  }
  const parsed = TrustFile.safeParse(JSON.parse(text))
  if (!parsed.success)
    throw new BulkheadError('config.invalid', `${trustFile(home)} is damaged`, {
      hint: 'Remove the file and trust your folders again.',
    })
  return parsed.data
}

const writeTrust = async (home: string, trust: z.infer<typeof TrustFile>): Promise<void> => {
  const temporary = `${trustFile(home)}.${process.pid}.tmp`
  await writeFile(temporary, `${JSON.stringify(trust, null, 2)}\n`, { mode: 0o600 })
  await rename(temporary, trustFile(home))
}

/** @throws BulkheadError `artifact.missing`, `artifact.outside` for a link: it would lend one project's trust to another */
const projectFolderOf = async (folder: string): Promise<string> => {
  const path = basename(folder) === projectFolderName ? folder : join(folder, projectFolderName)
  let real: string
  try {
    real = join(await realpath(dirname(resolve(path))), projectFolderName)
    if ((await realpath(path)) === real) return real
  } catch (cause) {
    throw new BulkheadError('artifact.missing', `${path} does not exist`, {
      hint: `Only a folder that holds ${projectFolderName}/ needs trust.`,
      cause,
    })
  }
  throw new BulkheadError('artifact.outside', `${path} is a link`, { hint: 'Make it a folder of the project itself.' })
}

/** What {@link trustFolder} works on. */
export interface TrustTarget {
  readonly home: string
  /** The project folder, or its `.bulkhead` folder. */
  readonly folder: string
}

/** What would be trusted: path, digest and files. Changes nothing. @throws BulkheadError `artifact.missing`, `artifact.outside` */
export const previewTrust = async (target: Pick<TrustTarget, 'folder'>): Promise<FolderDigest> =>
  digestFolder(await projectFolderOf(target.folder))

/** Trusts a project's `.bulkhead` folder as it is now; `expectedDigest` refuses when it changed since it was shown. */
export const trustFolder = async (
  target: TrustTarget & { readonly expectedDigest?: string },
): Promise<FolderDigest> => {
  const found = await previewTrust(target)
  if (target.expectedDigest !== undefined && target.expectedDigest !== found.digest) {
    throw new BulkheadError('trust.required', `${found.path} changed while you were reading it`, {
      hint: 'Look at it again.',
    })
  }
  await recordTrust(target.home, found)
  const trust = await readTrust(target.home)
  await writeTrust(target.home, {
    version: 1,
    folders: { ...trust.folders, [found.path]: { digest: found.digest, at: new Date().toISOString() } },
  })
  return found
}

/** Forgets a folder. @returns whether it was trusted */
export const untrustFolder = async (target: TrustTarget): Promise<boolean> => {
  const path = await projectFolderOf(target.folder).catch(() => target.folder)
  const trust = await readTrust(target.home)
  if (!Object.hasOwn(trust.folders, path)) return false
  await recordTrust(target.home, { path })
  await writeTrust(target.home, {
    version: 1,
    folders: Object.fromEntries(Object.entries(trust.folders).filter(([key]) => key !== path)),
  })
  return true
}

/** Every trusted folder. */
export const listTrusted = async (options: {
  readonly home: string
}): Promise<readonly { path: string; digest: string; at: string }[]> =>
  Object.entries((await readTrust(options.home)).folders).map(([path, entry]) => ({ path, ...entry }))

/**
 * Whether a project's `.bulkhead` folder may be read now. The content is hashed only when the path was trusted before.
 */
export const isTrusted = async (target: TrustTarget): Promise<'absent' | 'untrusted' | 'changed' | 'trusted'> => {
  let path: string
  try {
    path = await projectFolderOf(target.folder)
  } catch (thrown) {
    return thrown instanceof BulkheadError && thrown.code === 'artifact.missing' ? 'absent' : 'untrusted'
  }
  const entry = (await readTrust(target.home)).folders[path]
  if (entry === undefined) return 'untrusted'
  const now = await digestFolder(path).catch(() => undefined)
  return now?.digest === entry.digest ? 'trusted' : 'changed'
}
