// The word that a process has to say to its own proxy, and how it is compared. A process reaches no proxy but its own; the
// secret keeps out whatever else came to run in the same sandbox without being told.

import { createHash, randomBytes, timingSafeEqual } from 'node:crypto'

/** The user name that goes with the secret. */
export const proxyUser = 'bulkhead'

/** Makes a secret: 256 random bits in characters that may stand in a URL. */
export const makeSecret = (): string => randomBytes(32).toString('base64url')

const digest = (text: string): Buffer => createHash('sha256').update(text).digest()

/** Compares in a time that tells nothing of either text. */
export const isSame = (a: string, b: string): boolean => timingSafeEqual(digest(a), digest(b))

/** Whether a `Proxy-Authorization` field (RFC 7617) holds user and secret. */
export const isAuthorised = (field: string | undefined, secret: string): boolean => {
  const encoded = /^basic +([A-Za-z0-9+/=]{1,200})$/i.exec(field ?? '')?.[1] ?? ''
  return isSame(Buffer.from(encoded, 'base64').toString('latin1'), `${proxyUser}:${secret}`)
}
