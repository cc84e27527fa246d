/** What an answer of the resolver is worth at a given age. getaddrinfo does not tell for how long an answer holds, so the ages are ours. */

/** For how long answers are used, in milliseconds. */
export interface AnswerTerms {
  /** Until then an answer is as good as a new one. */
  readonly ttlMs: number
  /** For so long behind `ttlMs` it is still used, while a new one is asked for. */
  readonly staleMs: number
}

/**
 * - `answer`: with what is known.
 * - `answer and refresh`: with what is known, and ask for the next time.
 * - `join`: somebody has asked already; his answer is everybody's.
 * - `ask`.
 */
export type LookupPlan = 'answer' | 'answer and refresh' | 'join' | 'ask'

/**
 * @param ageMs Of the answer; `null` where there is none.
 * @param asking Whether the resolver is being asked for this name.
 */
export function planLookup(ageMs: number | null, asking: 'asking' | 'quiet', terms: AnswerTerms): LookupPlan {
  if (ageMs !== null && ageMs < terms.ttlMs) return 'answer'
  if (ageMs !== null && ageMs < terms.ttlMs + terms.staleMs) {
    return asking === 'asking' ? 'answer' : 'answer and refresh'
  }
  return asking === 'asking' ? 'join' : 'ask'
}
