// The one spelling of a URL that the gate reads, the log shows and the connection uses. Pure: nothing is resolved here.

/** What is wrong with a URL, in words that fit after "the URL". */
export type UrlFault = { readonly fault: string }

/**
 * Parses an absolute http or https URL (WHATWG, so odd IPv4 spellings fold to one), without fragment, without user
 * info and without the host's root dot. `base` is for redirects.
 */
export const canonicalUrl = (text: string, base?: URL): URL | UrlFault => {
  if (text.length > 8192) return { fault: 'is longer than 8192 characters' }
  if (!URL.canParse(text, base?.href)) return { fault: 'is not an absolute URL' }
  const url = new URL(text, base)
  if (url.protocol !== 'http:' && url.protocol !== 'https:') {
    return { fault: `has the scheme ${url.protocol.slice(0, 20)} and only http: and https: are served` }
  }
  if (url.username !== '' || url.password !== '') return { fault: 'carries a user name or password; send a header' }
  url.hash = ''
  if (url.hostname.endsWith('.')) url.hostname = url.hostname.slice(0, -1)
  if (url.hostname === '' || url.hostname.endsWith('.')) return { fault: 'has no usable host' }
  return url
}

/**
 * The scope of the `network` capability: `GET https://host/path`. Without the query: it decides nothing, and a secret in
 * it must reach no message and no log.
 */
export const networkScope = (method: string, url: URL): string => `${method} ${url.origin}${url.pathname}`
