/**
 * How much may come of coded content. RFC 9110 section 17 has no word on it; a kilobyte can become gigabytes.
 *
 * The ratio is taken at fixed places of the coded content, and at its end: so the same content passes or fails however it arrives. Between two of
 * them the later one counts. They lie at powers of two up to the largest step, then that step apart.
 */

/** Limits of undoing content codings. */
export interface ContentDecodingLimits {
  /** Codings on one body, `identity` not counted. Default 5. */
  readonly maxCodings: number
  /** Bytes that a body, or what lies between two of its codings, may become. Default 256 MiB. */
  readonly maxDecodedBytes: number
  /** How many times its coded size a body of more than 1 MiB may become, or what lies between two of its codings. Default 1,000. */
  readonly maxRatio: number
}

export const DEFAULT_DECODING_LIMITS: ContentDecodingLimits = {
  maxCodings: 5,
  maxDecodedBytes: 256 * 1024 * 1024,
  maxRatio: 1000,
}

/** Less than this is no matter, whatever it comes from. */
const FREE_BYTE_COUNT = 1024 * 1024
const FIRST_STEP = 1024
const LARGEST_STEP = 262_144

/** A limit was met; told as a BodyError by whoever knows the request. */
export class DecodingLimitReached extends Error {
  override readonly name = 'DecodingLimitReached'
  readonly limit: keyof ContentDecodingLimits
  readonly value: number

  constructor(limit: keyof ContentDecodingLimits, value: number) {
    super(`the content codings of the body go above ${limit} = ${value}`)
    this.limit = limit
    this.value = value
  }
}

/** What one body has used of its limits. */
export class DecodingBudget {
  readonly #limits: ContentDecodingLimits
  #codedByteCount = 0
  /** The place up to which coded content was handed on, or is being. */
  #place = FIRST_STEP
  /** Most that any coding has given so far. */
  #decodedByteCount = 0

  constructor(limits: ContentDecodingLimits) {
    this.#limits = limits
  }

  /**
   * Says that coded content is handed on: how much of what there is. The rest has to wait until everything was decoded.
   *
   * @param available Bytes, > 0.
   */
  takeCoded(available: number): number {
    if (this.#codedByteCount === this.#place) this.#place += Math.min(this.#place, LARGEST_STEP)
    const taken = Math.min(available, this.#place - this.#codedByteCount)
    this.#codedByteCount += taken
    return taken
  }

  /** @param byteCount What a coding has given so far. @throws {DecodingLimitReached} */
  checkDecoded(byteCount: number): void {
    const { maxDecodedBytes } = this.#limits
    if (byteCount > maxDecodedBytes) throw new DecodingLimitReached('maxDecodedBytes', maxDecodedBytes)
    this.#decodedByteCount = Math.max(this.#decodedByteCount, byteCount)
    this.#checkRatio(byteCount, this.#place)
  }

  /** There is no more coded content, and everything was decoded. @throws {DecodingLimitReached} */
  checkEnd(): void {
    this.#checkRatio(this.#decodedByteCount, this.#codedByteCount)
  }

  #checkRatio(decoded: number, coded: number): void {
    const { maxRatio } = this.#limits
    if (decoded > FREE_BYTE_COUNT && decoded > coded * maxRatio)
      throw new DecodingLimitReached('maxRatio', maxRatio)
  }
}
