/** `Retry-After` (RFC 9110 section 10.2.3). */

const MONTHS = '(Jan|Feb|Mar|Apr|May|Jun|Jul|Aug|Sep|Oct|Nov|Dec)'
const TIME = String.raw`(\d{2}:\d{2}:\d{2})`
const FIXDATE = new RegExp(
  String.raw`^(?:Mon|Tue|Wed|Thu|Fri|Sat|Sun), (\d{2}) ${MONTHS} (\d{4}) ${TIME} GMT$`,
)
const RFC850_DATE = new RegExp(
  String.raw`^(?:Mon|Tues|Wednes|Thurs|Fri|Satur|Sun)day, (\d{2})-${MONTHS}-(\d{2}) ${TIME} GMT$`,
)
const ASCTIME_DATE = new RegExp(
  String.raw`^(?:Mon|Tue|Wed|Thu|Fri|Sat|Sun) ${MONTHS} ([ \d]\d) ${TIME} (\d{4})$`,
)

/**
 * Milliseconds to wait, up to `Number.MAX_SAFE_INTEGER`; `null`: the field is not there, or says nothing that can be understood.
 *
 * @param value Of the field.
 * @param now Milliseconds since 1970, for a date: as the response's `Date` says, where it does, so that clocks need not agree.
 */
export function retryAfterMs(value: string | undefined, now: number): number | null {
  if (value === undefined) return null
  // However long it is: who asks for more than a lifetime must not be asked again at once.
  if (/^\d+$/.test(value)) return Math.min(Number(value) * 1000, Number.MAX_SAFE_INTEGER)
  const at = httpDate(value, now)
  return at === null ? null : Math.max(0, at - now)
}

/**
 * Milliseconds since 1970; `null`: no HTTP-date (RFC 9110 section 5.6.7). The obsolete forms are taken too.
 *
 * @param now Milliseconds since 1970: a year of two digits is no more than fifty years behind it.
 */
export function httpDate(value: string | undefined, now: number): number | null {
  const at = fixDate(value)
  if (at !== null || value === undefined) return at
  const [, asctimeMonth, asctimeDay = '', asctimeTime, asctimeYear] = ASCTIME_DATE.exec(value) ?? []
  if (asctimeMonth !== undefined)
    return parsed(`${asctimeDay.trim()} ${asctimeMonth} ${asctimeYear} ${asctimeTime}`)
  const [, day, month, year, time] = RFC850_DATE.exec(value) ?? []
  if (day === undefined) return null
  const today = new Date(now)
  const thisYear = today.getUTCFullYear()
  const inCentury = (century: number): number | null =>
    parsed(`${day} ${month} ${century * 100 + Number(year)} ${time}`)
  const inThis = inCentury(Math.floor(thisYear / 100))
  const isTooFar = inThis !== null && inThis > today.setUTCFullYear(thisYear + 50)
  return isTooFar ? inCentury(Math.floor(thisYear / 100) - 1) : inThis
}

/** Milliseconds since 1970; `null`: no IMF-fixdate, the only form that servers may send. */
export function fixDate(value: string | undefined): number | null {
  const [, day, month, year, time] = FIXDATE.exec(value ?? '') ?? []
  return day === undefined ? null : parsed(`${day} ${month} ${year} ${time}`)
}

function parsed(date: string): number | null {
  const at = Date.parse(`${date} GMT`)
  return Number.isNaN(at) ? null : at
}
