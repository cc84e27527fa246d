/** What a caller says about content codings, for a session or for one request. */
import { knownCodings } from './content-coding.ts'
import type { ContentCoding } from './content-coding.ts'
import { EngineLoader } from './decoding-engines.ts'
import { DEFAULT_DECODING_LIMITS } from './decoding-limits.ts'
import type { ContentDecodingLimits } from './decoding-limits.ts'
import { UsageError } from './errors.ts'
import { checkCount, or, refuseUnknown } from './options.ts'

/** `false`: content codings are neither asked for nor undone. Else they are, within these limits. */
export type ContentDecodingOption = false | Partial<ContentDecodingLimits>

/** The same, resolved. */
export interface ContentDecoding {
  /** Those that are undone; none where the caller wants content as it comes. */
  readonly codings: readonly ContentCoding[]
  readonly limits: ContentDecodingLimits
  readonly engines: EngineLoader
}

const KNOWN: ReadonlySet<string> = new Set(Object.keys(DEFAULT_DECODING_LIMITS))

/** A session's own. @throws {UsageError} INVALID_OPTION, naming the option. */
export function sessionDecoding(option: ContentDecodingOption | undefined): ContentDecoding {
  return resolveDecoding(option, {
    codings: knownCodings(),
    limits: DEFAULT_DECODING_LIMITS,
    engines: new EngineLoader(),
  })
}

/**
 * What the option makes of the defaults; limits that it does not name stay, and `{}` undoes a `false` of the session.
 *
 * @throws {UsageError} INVALID_OPTION, naming the option.
 */
export function resolveDecoding(
  option: ContentDecodingOption | undefined,
  defaults: ContentDecoding,
): ContentDecoding {
  if (option === undefined) return defaults
  const { limits, engines } = defaults
  if (option === false) return { codings: [], limits, engines }
  if (typeof option !== 'object' || (option as unknown) === null || Array.isArray(option)) {
    throw new UsageError(
      'ERR_HTTP_INVALID_OPTION',
      'option contentDecoding: must be false or an object of limits',
    )
  }
  refuseUnknown('contentDecoding', option, KNOWN)
  const limitOf = (name: keyof ContentDecodingLimits, least: number): number =>
    checkCount(`contentDecoding.${name}`, or(option[name], limits[name]), least)
  return {
    codings: knownCodings(),
    limits: {
      maxCodings: limitOf('maxCodings', 0),
      maxDecodedBytes: limitOf('maxDecodedBytes', 0),
      maxRatio: limitOf('maxRatio', 1),
    },
    engines,
  }
}
