/** `Retry-After` (RFC 9110 section 10.2.3). */

const DATE =
  /^(?:Mon|Tue|Wed|Thu|Fri|Sat|Sun), \d{2} (?:Jan|Feb|Mar|Apr|May|Jun|Jul|Aug|Sep|Oct|Nov|Dec) \d{4} \d{2}:\d{2}:\d{2} GMT$/

/**
 * Milliseconds to wait; `null`: the field is not there, or says nothing that can be understood.
 *
 * @param value Of the field.
 * @param now Milliseconds since 1970, for a date: as the response's `Date` says, where it does, so that clocks need not agree.
 */
export function retryAfterMs(value: string | undefined, now: number): number | null {
  if (value === undefined) return null
  if (/^\d{1,10}$/.test(value)) return Number(value) * 1000
  const at = httpDate(value)
  return at === null ? null : Math.max(0, at - now)
}

/** Milliseconds since 1970; `null`: not an IMF-fixdate (RFC 9110 section 5.6.7), the only form that servers may send. */
export function httpDate(value: string | undefined): number | null {
  if (value === undefined || !DATE.test(value)) return null
  const at = Date.parse(value)
  return Number.isNaN(at) ? null : at
}
