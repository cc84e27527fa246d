/** To whom credentials may go. */
import { invalidOption } from './options.ts'

/** @throws {UsageError} INVALID_OPTION: none, or not origins of http or https. */
export function checkOrigins(origins: string | readonly string[]): ReadonlySet<string> {
  const list = typeof origins === 'string' ? [origins] : origins
  if (!Array.isArray(list) || list.length === 0)
    throw invalidOption('origins', 'must name at least one origin, such as https://api.example')
  return new Set(list.map(checkOrigin))
}

function checkOrigin(text: unknown): string {
  const url = typeof text === 'string' && URL.canParse(text) ? new URL(text) : null
  // More than an origin would be a promise that is not kept: the whole origin gets the credentials.
  const isOrigin = url !== null && /^https?:$/.test(url.protocol) && url.href === `${url.origin}/`
  if (isOrigin) return url.origin
  // Not shown: it may have credentials in it.
  throw invalidOption('origins', 'must be of scheme, host and port alone, such as https://api.example')
}
