import { lookup as systemLookup } from 'node:dns'
import type { LookupAddress } from 'node:dns'
import type { Lookup } from './addresses.ts'
import { askLookup } from './ask-lookup.ts'
import { planLookup } from './dns-cache-plan.ts'
import type { AnswerTerms } from './dns-cache-plan.ts'
import { checkDelay, checkFunction, checkInteger, checkKnown, optional } from './option-checks.ts'

/** What a cache of names keeps, and for how long. */
export interface DnsCacheOptions {
  /**
   * For how long an answer is used, in milliseconds; 0 or more. Default 30,000: `dns.lookup` does not tell the record's own
   * time, and services that move a name to other addresses let theirs live for 30 to 60 seconds.
   */
  ttlMs?: number
  /**
   * For how long behind `ttlMs` an answer is still given at once while a new one is asked for, in milliseconds; 0 or more. A
   * refresh that fails leaves it as it is. Default 30,000.
   */
  staleMs?: number
  /** Names that are kept; those used longest ago go first. 1 to 1,000,000; default 1,000. */
  maxEntries?: number
  /** Who is asked. Default: `dns.lookup`. */
  lookup?: Lookup
  /** Milliseconds since any fixed moment. Default: `performance.now`. */
  now?: () => number
}

/** Answers of a resolver, kept for a while. */
export interface DnsCache {
  /**
   * For the option `lookup` of `createConnection`. Those who ask for one name at the same time share one look-up; whoever gives
   * up waiting touches no other. Failures are told to all who wait, and not kept: the next one asks again.
   */
  readonly lookup: Lookup
  /** Forgets the addresses of a name: none of them could be connected to. */
  forget(host: string): void
}

interface Answer {
  readonly addresses: LookupAddress[]
  readonly at: number
}

type LookupOptions = Parameters<Lookup>[1]
type LookupCallback = Parameters<Lookup>[2]

const FAMILIES = [0, 4, 6] as const

const KNOWN = {
  ttlMs: true,
  staleMs: true,
  maxEntries: true,
  lookup: true,
  now: true,
} satisfies Record<keyof DnsCacheOptions, true>

/**
 * Makes a `lookup` that keeps answers. It has no timer and keeps no process alive.
 *
 * @throws {TypeError | RangeError} An option does not exist, has the wrong type or is out of range.
 */
export function createDnsCache(options: DnsCacheOptions = {}): DnsCache {
  checkKnown(options, KNOWN)
  const { lookup = systemLookup, now = () => performance.now() } = options
  checkFunction('lookup', lookup)
  checkFunction('now', now)
  const cache = new AnswerCache({
    terms: {
      ttlMs: optional(checkDelay, 'ttlMs', options.ttlMs, 30_000),
      staleMs: optional(checkDelay, 'staleMs', options.staleMs, 30_000),
    },
    maxEntries: optional(checkEntryCount, 'maxEntries', options.maxEntries, 1000),
    ask: lookup,
    now,
  })
  return {
    lookup: (host, lookupOptions, callback) => cache.lookup(host, lookupOptions, callback),
    forget: (host) => cache.forget(host),
  }
}

class AnswerCache {
  readonly #terms: AnswerTerms
  readonly #maxEntries: number
  readonly #ask: Lookup
  readonly #now: () => number
  /** The one used last stands last. */
  readonly #answers = new Map<string, Answer>()
  /** Who waits, by what the resolver is being asked. */
  readonly #asking = new Map<string, LookupCallback[]>()

  constructor(plan: { terms: AnswerTerms; maxEntries: number; ask: Lookup; now: () => number }) {
    this.#terms = plan.terms
    this.#maxEntries = plan.maxEntries
    this.#ask = plan.ask
    this.#now = plan.now
  }

  lookup(host: string, options: LookupOptions, callback: LookupCallback): void {
    const key = keyOf(host, options.family)
    const answer = this.#answers.get(key)
    const waiting = this.#asking.get(key)
    const ageMs = answer === undefined ? null : this.#now() - answer.at
    const plan = planLookup(ageMs, waiting === undefined ? 'quiet' : 'asking', this.#terms)
    if (plan === 'join') {
      waiting?.push(callback)
    } else if (plan === 'ask' || answer === undefined) {
      this.#refresh(key, host, options, [callback])
    } else {
      this.#keep(key, answer)
      if (plan === 'answer and refresh') this.#refresh(key, host, options, [])
      callback(null, copied(answer.addresses))
    }
  }

  forget(host: string): void {
    for (const family of FAMILIES) {
      const key = keyOf(host, family)
      this.#answers.delete(key)
      // Nobody joins what may never be answered.
      this.#asking.delete(key)
    }
  }

  #refresh(key: string, host: string, options: LookupOptions, waiting: LookupCallback[]): void {
    this.#asking.set(key, waiting)
    askLookup(this.#ask, host, options, (failure, addresses) => {
      const isCurrent = this.#asking.get(key) === waiting
      if (isCurrent) this.#asking.delete(key)
      if (isCurrent && addresses.length > 0) this.#keep(key, { addresses, at: this.#now() })
      for (const callback of waiting) tell(callback, failure, addresses)
    })
  }

  #keep(key: string, answer: Answer): void {
    this.#answers.delete(key)
    this.#answers.set(key, answer)
    if (this.#answers.size <= this.#maxEntries) return
    for (const oldest of this.#answers.keys()) return void this.#answers.delete(oldest)
  }
}

/** Names are the same in any case (RFC 4343). */
function keyOf(host: string, family: 0 | 4 | 6): string {
  return `${family} ${host.toLowerCase()}`
}

function checkEntryCount(name: string, value: unknown): number {
  return checkInteger(name, value, { min: 1, max: 1_000_000 })
}

/** What one of them throws is its own: the others get their answer. */
function tell(callback: LookupCallback, failure: unknown, addresses: LookupAddress[]): void {
  try {
    callback(failure as NodeJS.ErrnoException | null, copied(addresses)) // whatever the resolver has failed with
  } catch (thrown) {
    queueMicrotask(() => {
      throw thrown
    })
  }
}

/** Whoever gets them may change them. */
function copied(addresses: readonly LookupAddress[]): LookupAddress[] {
  return addresses.map((address) => ({ ...address }))
}
