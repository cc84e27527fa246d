/** The value of `Cookie` (RFC 6265 section 4.2.1) of two sources. */

/** The caller's cookies, then those of the jar that have another name: names are compared with case. */
export function joinedCookies(own: string | undefined, kept: string): string {
  if (own === undefined) return kept
  const names = new Set(pairsOf(own).map(nameOf))
  return [...pairsOf(own), ...pairsOf(kept).filter((pair) => !names.has(nameOf(pair)))].join('; ')
}

function pairsOf(cookies: string): string[] {
  return cookies
    .split(';')
    .map((pair) => pair.trim())
    .filter((pair) => pair !== '')
}

function nameOf(pair: string): string {
  const at = pair.indexOf('=')
  return at === -1 ? '' : pair.slice(0, at).trimEnd()
}
