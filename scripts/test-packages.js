// Programs of Debian that tests start: installed where they are missing and this process may install them. Elsewhere the tests
// that need one fail, and say what to type.

import { spawnSync } from 'node:child_process'
import { existsSync } from 'node:fs'
import process from 'node:process'

/** Packages by the program that shows whether they are there. */
const packages = {
  '/usr/bin/bwrap': 'bubblewrap',
  '/usr/bin/prlimit': 'util-linux',
  '/usr/bin/python3': 'python3',
}

const apt = (...args) =>
  spawnSync('apt-get', ['-qq', ...args], {
    stdio: ['ignore', 2, 2],
    env: { ...process.env, DEBIAN_FRONTEND: 'noninteractive' },
  }).status === 0

/** Installs what is missing; silent when nothing is. */
export const installTestPackages = () => {
  const missing = Object.entries(packages).flatMap(([program, name]) => (existsSync(program) ? [] : [name]))
  if (missing.length === 0) return
  const command = `apt-get install -y --no-install-recommends ${missing.join(' ')}`
  if (process.platform !== 'linux' || process.getuid?.() !== 0 || !existsSync('/usr/bin/apt-get')) {
    console.error(`Tests will fail for want of ${missing.join(', ')}. On Debian and Ubuntu: sudo ${command}`)
    return
  }
  console.error(`Installing what tests need: ${missing.join(', ')}`)
  const install = () => apt('install', '-y', '--no-install-recommends', ...missing)
  // The lists of a fresh machine may be absent or old.
  if (!install() && !(apt('update') && install())) console.error(`That failed; tests will tell. Try: ${command}`)
}
