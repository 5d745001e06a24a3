// Whether a stream gets colours: only a terminal does, unless the environment says otherwise (no-color.org).

import picocolors from 'picocolors'

/** Colours for one stream; each does nothing where colours are off. */
export type Colors = ReturnType<typeof picocolors.createColors>

/** Colours for one stream. A set NO_COLOR wins over FORCE_COLOR. */
export const colorsFor = (isTTY: boolean, env: Readonly<Record<string, string | undefined>>): Colors => {
  const isSet = (name: string) => env[name] !== undefined && env[name] !== ''
  const forced = isSet('FORCE_COLOR') && env['FORCE_COLOR'] !== '0'
  const enabled = !isSet('NO_COLOR') && (forced || (isTTY && env['TERM'] !== 'dumb' && env['FORCE_COLOR'] !== '0'))
  return picocolors.createColors(enabled)
}
