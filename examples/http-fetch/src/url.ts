// Makes links absolute. A guest has no URL class to rely on, and needs only the common case. Source: RFC 3986, 5.2.

const parts = /^([a-zA-Z][\w+.-]*:)?(\/\/[^/?#]*)?([^?#]*)(\?[^#]*)?(#.*)?$/

const withoutDots = (path: string): string => {
  const out: string[] = []
  const segments = path.split('/').slice(1)
  for (const [index, segment] of segments.entries()) {
    const last = index === segments.length - 1
    if (segment === '..') out.pop()
    if (segment !== '.' && segment !== '..') out.push(segment)
    else if (last) out.push('')
  }
  return `/${out.join('/')}`
}

/** The absolute http(s) address of a link on a page, without its fragment; undefined for any other scheme. */
export const resolveUrl = (link: string, base: string): string | undefined => {
  const [, scheme, authority, path = '', query = ''] = parts.exec(link.trim()) ?? []
  const [, baseScheme = '', baseAuthority = '', basePath = '', baseQuery = ''] = parts.exec(base) ?? []
  if (scheme !== undefined && !/^https?:$/i.test(scheme)) return undefined
  const origin = `${scheme ?? baseScheme}${authority ?? baseAuthority}`
  if (authority !== undefined) return `${origin}${withoutDots(path === '' ? '/' : path)}${query}`
  if (path === '') return `${origin}${basePath === '' ? '/' : basePath}${query === '' ? baseQuery : query}`
  if (path.startsWith('/')) return `${origin}${withoutDots(path)}${query}`
  return `${origin}${withoutDots(`${basePath.slice(0, basePath.lastIndexOf('/')) || ''}/${path}`)}${query}`
}
