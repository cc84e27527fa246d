/** What of a message is not recorded: values of fields and of query parameters that are named like secrets. */

const REDACTED = 'redacted'
/** Names of fields that hold credentials, beside those that are named like it. */
const CREDENTIALS = ['authorization', 'proxy-authorization', 'cookie', 'set-cookie', 'x-functions-key']
/** Fields whose values have URLs. */
const WITH_URLS: ReadonlySet<string> = new Set(['content-location', 'link', 'location', 'referer', 'refresh'])
const WORDS =
  'api-?key|access-?key|private-?key|account-?key|subscription-?key|auth|authorization|cookie|credentials?|jwt|passphrase|passwd|pwd|session(?:-?id)?|sid|sig|signature'
const SECRET = new RegExp(`(?:^|-)(?:${WORDS})(?:-|$)|(?:token|secret|password)s?(?:-|$)`)
/** They tell where to go on, and are needed to tell one request from another. */
const CURSOR = /(?:page|next|cursor|continuation|sync)-?token/
const PARAMETER = /([?&#])([^?&#=\s<>"]+)=([^&#\s<>"]*)/g

/** Names of fields of which no value is recorded, in lower case. @param more Names besides. */
export function secretFields(more: readonly string[]): ReadonlySet<string> {
  return new Set([...CREDENTIALS, ...more].map((name) => name.toLowerCase()))
}

/** Field lines without secrets. */
export function redactedFields(
  fields: readonly (readonly [name: string, value: string])[],
  secrets: ReadonlySet<string>,
): [name: string, value: string][] {
  return fields.map(([name, value]) => {
    const lower = name.toLowerCase()
    if (secrets.has(lower) || isSecret(name)) return [name, REDACTED]
    return [name, WITH_URLS.has(lower) ? redactedUrl(value) : value]
  })
}

/** A URL, or text with URLs in it, without the values of parameters that are named like secrets. */
export function redactedUrl(text: string): string {
  return text.replace(PARAMETER, (whole, mark: string, name: string) => {
    const plain = decoded(name)
    return isSecret(plain) || plain === 'key' ? `${mark}${name}=${REDACTED}` : whole
  })
}

/** `apiKey`, `api_key`, `X-Api-Key` and the like. */
function isSecret(name: string): boolean {
  const words = name
    .replace(/([a-z])([A-Z])/g, '$1-$2')
    .toLowerCase()
    .replace(/[^a-z0-9]+/g, '-')
  return SECRET.test(words) && !CURSOR.test(words)
}

function decoded(name: string): string {
  try {
    return decodeURIComponent(name)
  } catch {
    return name
  }
}
