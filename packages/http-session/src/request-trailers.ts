/** Fields behind the content of a request: RFC 9110 section 6.5, RFC 9112 section 7.1.2. */
import { encodeLastChunk, FieldSection, InvalidMessageError } from '@x/http1'
import type { FieldsInit } from '@x/http1'
import { asStreamed } from './request-body.ts'
import type { PreparedBody, RequestTrailers } from './request-body.ts'
import { invalidHeader } from './request-fields.ts'

/**
 * Trailer fields: as they are, checked and announced by `Trailer` beforehand; or a function that is called behind the last byte of content, each
 * time the request is sent. What is wrong with what that one gives fails the request, which is then never completed.
 */
export type TrailersInit = FieldsInit | (() => FieldsInit | Promise<FieldsInit>)

/**
 * Content with trailers behind it.
 *
 * @throws {UsageError} INVALID_HEADER: there is no content, or a field cannot be sent behind it; names the field and never shows its value.
 */
export function withTrailers(content: PreparedBody, init: TrailersInit | undefined): PreparedBody {
  if (init === undefined) return content
  if (content.body.kind === 'none') throw invalidHeader('trailers without content')
  return { ...content, body: asStreamed(content.body), byteCount: null, trailers: prepared(init) }
}

/** Other content in place of one, with the same trailers behind it. */
export function withTrailersOf(content: PreparedBody, before: PreparedBody): PreparedBody {
  if (before.trailers === undefined || content.body.kind === 'none') return content
  return { ...content, body: asStreamed(content.body), byteCount: null, trailers: before.trailers }
}

function prepared(init: TrailersInit): RequestTrailers {
  if (typeof init === 'function') {
    return { names: null, lastChunk: async () => encodeLastChunk(FieldSection.from(await init())) }
  }
  if (typeof init !== 'object' || init === null) {
    throw invalidHeader('trailers must be fields, or a function that gives them')
  }
  try {
    const section = FieldSection.from(init)
    const lastChunk = encodeLastChunk(section)
    return { names: namesOf(section), lastChunk: () => lastChunk }
  } catch (cause) {
    if (cause instanceof InvalidMessageError) throw invalidHeader(cause.message, { cause })
    if (cause instanceof TypeError)
      throw invalidHeader('trailers must give pairs of a name and a value', { cause })
    throw cause // by whoever gives them
  }
}

/** Each once, in order. */
function namesOf(section: FieldSection): string | null {
  const names = new Map<string, string>()
  for (const [name] of section) names.set(name.toLowerCase(), name)
  return names.size === 0 ? null : [...names.values()].join(', ')
}
