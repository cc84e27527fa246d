/** The directives of `Cache-Control`: RFC 9111 section 5.2. */

/** By names in lower case; `''` where there is no argument. */
export type Directives = ReadonlyMap<string, string>

/** Of a directive that is given twice the first one holds: section 4.2.1. Quoted arguments are given without their quotes. */
export function parseDirectives(value: string | undefined): Directives {
  const directives = new Map<string, string>()
  for (const member of members(value ?? '')) {
    const at = member.indexOf('=')
    const name = (at === -1 ? member : member.slice(0, at)).trim().toLowerCase()
    const argument = at === -1 ? '' : member.slice(at + 1).trim()
    if (name !== '' && !directives.has(name)) directives.set(name, argument.replace(/^"(.*)"$/, '$1'))
  }
  return directives
}

/** Between commas that are not quoted. */
function members(value: string): string[] {
  const parts: string[] = []
  let start = 0
  let isQuoted = false
  for (let at = 0; at < value.length; at++) {
    const character = value[at]
    if (character === '"') isQuoted = !isQuoted
    else if (isQuoted && character === '\\') at += 1
    else if (!isQuoted && character === ',') {
      parts.push(value.slice(start, at))
      start = at + 1
    }
  }
  // An open quote must not hide what stands behind it.
  return isQuoted ? value.split(',') : [...parts, value.slice(start)]
}

/** RFC 9111 section 1.2.2: what is more counts as so much. */
const MAX_SECONDS = 2_147_483_648

/** Seconds, up to 2^31; `null`: no such directive. What is no number of seconds is 0: such a response is stale. */
export function secondsOf(directives: Directives, name: string): number | null {
  const argument = directives.get(name)
  if (argument === undefined) return null
  return deltaSeconds(argument) ?? 0
}

/** Seconds, up to 2^31 (RFC 9111 section 1.2.2); `null`: no number of them. */
export function deltaSeconds(value: string): number | null {
  return /^\d+$/.test(value) ? Math.min(Number(value), MAX_SECONDS) : null
}

/** In the one form that every reader reads alike: lower case, each once, no quotes; lists of fields are left away. */
export function directivesText(directives: Directives): string {
  return [...directives]
    .map(([name, argument]) => {
      if (SECONDS.has(name) && argument !== '') return `${name}=${secondsOf(directives, name)}`
      return /^[^\s,="]+$/.test(argument) ? `${name}=${argument}` : name
    })
    .join(', ')
}

const SECONDS = new Set([
  'max-age',
  's-maxage',
  'max-stale',
  'min-fresh',
  'stale-while-revalidate',
  'stale-if-error',
])
