import type { LookupAddress } from 'node:dns'
import type { Lookup } from './addresses.ts'

/**
 * Asks a `lookup`, which may be a caller's and do anything: `answered` is called once, with a failure or with a list, whether it throws, rejects, answers
 * twice, with nonsense, or with the one address that `dns.lookup` gives where it was not asked for all.
 */
export function askLookup(
  lookup: Lookup,
  host: string,
  options: Parameters<Lookup>[1],
  answered: (failure: unknown, addresses: LookupAddress[]) => void,
): void {
  let isAnswered = false
  const fail = (failure: unknown): void => {
    if (isAnswered) return
    isAnswered = true
    answered(failure, [])
  }
  const callback = (error: unknown, answer: unknown, family?: unknown): void => {
    if (error !== null && error !== undefined) return fail(error)
    const addresses = addressesOf(answer, family)
    if (addresses === null)
      return fail(new TypeError('lookup answered with neither an address nor a list of them'))
    if (isAnswered) return
    isAnswered = true
    answered(null, addresses)
  }
  try {
    // Declared to return nothing; an async function returns a promise all the same.
    const returned: unknown = lookup(host, options, callback)
    if (returned instanceof Promise) returned.catch(fail)
  } catch (error) {
    fail(error)
  }
}

function addressesOf(answer: unknown, family: unknown): LookupAddress[] | null {
  if (typeof answer === 'string') return [{ address: answer, family: family === 6 ? 6 : 4 }]
  return Array.isArray(answer) && answer.every(isAddress) ? answer : null
}

function isAddress(value: unknown): value is LookupAddress {
  return typeof (value as Partial<LookupAddress> | null)?.address === 'string'
}
