/**
 * Whether a response may be stored and used: RFC 9111 sections 3 and 4, RFC 5861. The reckoning is that of http-cache-semantics; what it leaves out
 * or takes too strictly is said here, where it is set right.
 */
import CachePolicy from 'http-cache-semantics'
import { deltaSeconds, directivesText, parseDirectives, secondsOf } from './cache-control.ts'
import type { Directives } from './cache-control.ts'

/** What the library keeps of a response. */
export type Freshness = Readonly<Record<string, unknown>>

/** The value of a field by its name in lower case; several lines joined. */
export type FieldValues = Readonly<Record<string, string>>

/** What may be done with a stored response for one request. */
export interface Verdict {
  /** As it is; or as it is while it is validated behind the caller's back; or once it was validated. */
  readonly use: 'now' | 'while revalidating' | 'after revalidation'
  /** Why it has to be validated. */
  readonly because: 'stale' | 'request'
  /** Whether it will do where the server fails. */
  readonly servesErrors: boolean
  readonly ageSeconds: number
  /** How long it is still fresh; below zero: how long it is not any more. */
  readonly ttlSeconds: number
}

export interface ResponseFacts {
  readonly status: number
  readonly headers: FieldValues
  /** Between the request and the head of the response. */
  readonly delayMs: number
}

export interface FreshnessOptions {
  readonly shared: boolean
  /** Milliseconds since 1970. */
  readonly now: () => number
}

export class FreshnessReckoning {
  readonly #Policy: typeof CachePolicy
  readonly #shared: boolean

  constructor({ shared, now }: FreshnessOptions) {
    this.#shared = shared
    // The library asks itself for the time, in its constructor too.
    this.#Policy = class extends CachePolicy {
      now(): number {
        return now()
      }
    }
  }

  /** `null`: the response to this GET must not be stored, or nothing would come of it. */
  ofResponse(request: FieldValues, { status, headers, delayMs }: ResponseFacts): Freshness | null {
    const { vary: _vary, ...known } = withPlainControl(headers)
    // Section 4.2.3: the time on the way counts. The library knows the field alone.
    // Of several the first one holds (section 5.1), and none is below zero.
    const [told = ''] = (headers['age'] ?? '').split(',')
    const age = Math.round((deltaSeconds(told.trim()) ?? 0) + delayMs / 1000)
    const policy = new this.#Policy(
      { method: 'GET', headers: withPlainControl(request) },
      { status, headers: { ...known, ...withoutSecrets(headers), age: String(age) } },
      // An immutable response is one that does not change while it is fresh (RFC 8246), not one that is fresh for long.
      { shared: this.#shared, immutableMinTimeToLive: 0 },
    )
    const isValidatable = 'etag' in headers || 'last-modified' in headers
    if (!policy.storable() || (policy.timeToLive() <= 0 && !isValidatable)) return null
    // Nobody but this class looks inside: to stores it is data of some shape.
    return policy.toObject() as unknown as Freshness
  }

  /** @throws Where `freshness` is not of this version of the library. */
  judge(freshness: Freshness, request: FieldValues): Verdict {
    // What `toObject` has made; that of another version is refused.
    const kept = freshness as unknown as CachePolicy.CachePolicyObject
    const policy = this.#Policy.fromObject(kept)
    const directives = new Map(Object.entries(kept.rescc))
    const ttlSeconds = policy.maxAge() - policy.age()
    const isStrict = this.#forbidsStale(directives)
    return {
      use: this.#use(policy, directives, withPlainControl(request)),
      because: policy.stale() ? 'stale' : 'request',
      servesErrors: !isStrict && ttlSeconds + staleIfError(directives, request) > 0,
      ageSeconds: Math.max(0, Math.round(policy.age())),
      ttlSeconds: Math.round(ttlSeconds),
    }
  }

  #use(policy: CachePolicy, directives: Directives, request: FieldValues): Verdict['use'] {
    const isStale = policy.stale()
    // Section 5.2.2.4: whatever the request allows. The library lets `max-stale` and stale-while-revalidate prevail.
    if (directives.has('no-cache') || (isStale && this.#forbidsStale(directives))) return 'after revalidation'
    const kept = policy.toObject()
    // Section 5.2.2.2 is about stale responses; the library does not use fresh ones either.
    const { 'must-revalidate': _mustRevalidate, ...rescc } = kept.rescc
    const { response, revalidation } = this.#Policy.fromObject({ ...kept, rescc }).evaluateRequest({
      method: 'GET',
      headers: request,
    })
    if (response === undefined) return 'after revalidation'
    return revalidation === undefined ? 'now' : 'while revalidating'
  }

  /** Sections 5.2.2.2, 5.2.2.8 and 5.2.2.10. */
  #forbidsStale(directives: Directives): boolean {
    const names = this.#shared
      ? ['no-cache', 'must-revalidate', 'proxy-revalidate', 's-maxage']
      : ['no-cache', 'must-revalidate']
    return names.some((name) => directives.has(name))
  }
}

/** RFC 5861 section 4: the request may allow it as well. */
function staleIfError(directives: Directives, request: FieldValues): number {
  const allowed = parseDirectives(request['cache-control'])
  return Math.max(secondsOf(directives, 'stale-if-error') ?? 0, secondsOf(allowed, 'stale-if-error') ?? 0)
}

/** The library asks whether there are any, and keeps what it is given. */
function withoutSecrets(headers: FieldValues): FieldValues {
  return 'set-cookie' in headers ? { 'set-cookie': 'some' } : {}
}

/** The library reads names with case, commas within quotes, and the last of several. */
function withPlainControl(fields: FieldValues): FieldValues {
  const control = fields['cache-control']
  return control === undefined
    ? fields
    : { ...fields, 'cache-control': directivesText(parseDirectives(control)) }
}
