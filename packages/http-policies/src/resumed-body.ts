/** The content of a response that goes on with the next one where it breaks off. */
import { isHttpSessionError } from '@x/http-session'
import type { ClientRequest, ClientResponse, Next } from '@x/http-session'
import { ResumeError } from './errors.ts'
import { judgePart } from './resume-plan.ts'
import type { Representation } from './resume-plan.ts'
import { attempt } from './retry.ts'
import { planRetry } from './retry-plan.ts'
import type { AttemptOutcome, RetryLimits } from './retry-plan.ts'

/** An interruption that is about to be bridged. */
export interface ResumeAttempt {
  /** As the caller made it, without `Range`. */
  readonly request: ClientRequest
  /** Attempts to go on so far, for this response: 0 before the first. */
  readonly resumes: number
  /** Bytes that are there. */
  readonly receivedByteCount: number
  /** Milliseconds. */
  readonly delayMs: number
  /** What the body has failed with. */
  readonly error: unknown
}

/** How to go on, and how often. */
export interface ResumePolicy {
  readonly maxResumes: number
  readonly limits: RetryLimits
  readonly random: () => number
  readonly wallClock: () => number
  readonly onResume: ((attempt: ResumeAttempt) => boolean | void) | undefined
}

/** What is resumed, and by which way. */
export interface Download {
  readonly request: ClientRequest
  readonly next: Next
  readonly response: ClientResponse
  readonly representation: Representation
}

/** Whoever reads is told that something happens: what is empty counts as no content, but the time without any begins anew. */
const SIGN_OF_LIFE = new Uint8Array(0)
/** In steps, so that it is seen soon that nobody wants the rest any more. */
const MAX_STEP_MS = 1000

/** The connection broke, or nothing came any more. */
const BRIDGEABLE: ReadonlySet<string> = new Set(['ERR_HTTP_BODY_INCOMPLETE', 'ERR_HTTP_TIMEOUT_BODY_IDLE'])

export class ResumedBody implements AsyncIterableIterator<Uint8Array, undefined> {
  readonly #download: Download
  readonly #policy: ResumePolicy
  readonly #pieces: AsyncGenerator<Uint8Array, undefined, undefined>
  #response: ClientResponse
  #position = 0
  /** Where the part that is read must end; `null`: it is the first, which knows that by itself. */
  #end: number | null = null
  #resumes = 0
  /** Those since the last byte. */
  #vainResumes = 0
  #isLeft = false
  #onLeave: (() => void) | null = null

  /** @param download Its response is this one's from now on. */
  constructor(download: Download, policy: ResumePolicy) {
    this.#download = download
    this.#policy = policy
    this.#response = download.response
    this.#pieces = this.#all()
  }

  /** The response that is read, or was read last. */
  get response(): ClientResponse {
    return this.#response
  }

  [Symbol.asyncIterator](): this {
    return this
  }

  next(): Promise<IteratorResult<Uint8Array, undefined>> {
    return new Promise((resolve, reject) => {
      this.#onLeave = () => resolve({ done: true, value: undefined })
      this.#pieces.next().then(resolve, reject)
    })
  }

  /** Ends a `next` that waits, too. */
  return(): Promise<IteratorResult<Uint8Array, undefined>> {
    this.#isLeft = true
    this.#onLeave?.()
    this.#response.discard()
    return Promise.resolve({ done: true, value: undefined })
  }

  async *#all(): AsyncGenerator<Uint8Array, undefined, undefined> {
    for (;;) {
      const interruption = yield* this.#part()
      if (interruption === null) return undefined
      yield* this.#goOn(interruption.error)
    }
  }

  /** The content of one response. @returns What has interrupted it. */
  async *#part(): AsyncGenerator<Uint8Array, { readonly error: unknown } | null, undefined> {
    const chunks = this.#response[Symbol.asyncIterator]()
    for (;;) {
      let step
      try {
        step = await chunks.next()
      } catch (error) {
        if (this.#isLeft || !isHttpSessionError(error) || !BRIDGEABLE.has(error.code)) throw error
        return { error }
      }
      this.#position += step.value?.length ?? 0
      this.#vainResumes = 0
      this.#checkPosition(step.done === true)
      if (step.done === true) return null
      yield step.value
    }
  }

  /** Finds the response with the rest. @throws `error`, where there is none. */
  async *#goOn(error: unknown): AsyncGenerator<Uint8Array, void, undefined> {
    const { request, next, representation } = this.#download
    const { code } = error as { code: string }
    let outcome: AttemptOutcome = { kind: 'error', code, retriable: 'idempotent' }
    for (;;) {
      yield* this.#pause(outcome, error)
      const headers = { Range: `bytes=${this.#position}-`, 'If-Range': representation.validator }
      const tried = await attempt(request.with({ headers }), next, this.#policy.wallClock)
      if (tried.response !== null && this.#takesOver(tried.response, error)) return
      if (this.#isLeft) throw error
      // Nothing that a request can fail with: it was given up.
      if (tried.outcome === null) throw tried.error
      outcome = tried.outcome
    }
  }

  /** Waits as long as is due before the next attempt. @throws `error`, where there is to be none. */
  async *#pause(outcome: AttemptOutcome, error: unknown): AsyncGenerator<Uint8Array, void, undefined> {
    const { request } = this.#download
    const { maxResumes, limits, random, onResume } = this.#policy
    const { canResendBody, isReplayable } = request
    const facts = { outcome, retries: this.#vainResumes, canResendBody, isReplayable, random: random() }
    const plan = planRetry(facts, limits)
    if (plan.kind === 'deliver' || this.#resumes >= maxResumes) throw error
    const { delayMs } = plan
    const receivedByteCount = this.#position
    if (onResume?.({ request, resumes: this.#resumes, receivedByteCount, delayMs, error }) === false)
      throw error
    this.#resumes += 1
    this.#vainResumes += 1
    const stepMs = Math.min(MAX_STEP_MS, request.timeouts.bodyIdleMs / 2)
    yield SIGN_OF_LIFE
    for (let leftMs = delayMs; leftMs > 0; leftMs -= stepMs) {
      await request.wait(Math.min(leftMs, stepMs))
      // Whoever has left does not ask for what is behind this.
      yield SIGN_OF_LIFE
    }
  }

  /** Whether it is the rest. @throws {ResumeError} It is something else. */
  #takesOver(response: ClientResponse, cause: unknown): boolean {
    const { status } = response
    const isAnswer = status === 206 || status === 200
    const verdict = isAnswer ? judgePart(response, this.#representation, this.#position) : null
    if (verdict?.kind === 'rest' && !this.#isLeft) {
      this.#response = response
      this.#end = verdict.end
      return true
    }
    response.discard()
    if (verdict === null || verdict.kind === 'rest') return false
    throw this.#error(verdict.kind, verdict.why, cause)
  }

  /** With the length that a part before has told, where the first response has not. */
  get #representation(): Representation {
    const { representation } = this.#download
    return this.#end === null ? representation : { ...representation, byteCount: this.#end }
  }

  /** A part has as many bytes as it says. @throws {ResumeError} It has not. */
  #checkPosition(isEnd: boolean): void {
    const end = this.#end
    if (end === null || (isEnd ? this.#position === end : this.#position <= end)) return
    this.#response.discard()
    throw this.#error('range', `the rest was to end at byte ${end}, and is at ${this.#position}`)
  }

  #error(kind: 'changed' | 'range', why: string, cause?: unknown): ResumeError {
    const facts = this.#download.request.facts('body', 'no')
    const code = kind === 'changed' ? 'ERR_HTTP_RESUME_CHANGED' : 'ERR_HTTP_RESUME_RANGE'
    return new ResumeError(facts, { code, why, received: this.#position, cause })
  }
}
