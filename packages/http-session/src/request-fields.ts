/** The fields of requests: what the caller says, checked, with Host and framing left to the client. */
import { FieldSection, InvalidMessageError, isHostValue } from '@x/http1'
import type { FieldsInit } from '@x/http1'
import { UsageError } from './errors.ts'

/** Fields that are ready to be sent. */
export interface RequestFields {
  readonly section: FieldSection
  /** The field lines but for Host and Content-Length, each with its CRLF. */
  readonly lines: string
  /** `Host`, where the caller set it. */
  readonly host: string | undefined
  /** `Content-Length`, where the caller set it; not checked yet. */
  readonly declaredLength: string | undefined
  readonly hasContentType: boolean
  /** `Connection: close`: the connection ends with the exchange. */
  readonly closes: boolean
  /** `Expect: 100-continue`: the content waits until it is asked for. RFC 9110 section 10.1.1. */
  readonly expectsContinue: boolean
  /** The protocols of `Upgrade`, where `Connection: upgrade` offers them. RFC 9110 section 7.8. */
  readonly upgrade: string | undefined
  /** Whether `Accept-Encoding` is the client's word, not the caller's. */
  readonly choosesCoding: boolean
}

/** What a session sends with every request: where content codings are undone, and where they are not. */
export interface SessionFields {
  readonly coded: RequestFields
  readonly plain: RequestFields
}

/** RFC 9110 section 14.2: a range is one of the content as it is coded, and nobody can decode it by itself. */
const NO_CODING = ['Accept-Encoding', 'identity'] as const

/**
 * The fields that a session sends with every request.
 *
 * @throws {UsageError} INVALID_HEADER, naming the field and never showing its value.
 */
export function sessionFields(init: FieldsInit): RequestFields {
  const section = checkedSection(init)
  for (const name of ['content-length', 'host']) {
    if (section.has(name)) throw invalidHeader(`${name} belongs to each request, not to the session`)
  }
  return fieldsOf(section)
}

/** The session's fields in both forms, made once. @param codings Content codings that can be undone. */
export function withCodings(plain: RequestFields, codings: readonly string[]): SessionFields {
  const { section } = plain
  if (codings.length === 0 || section.has('accept-encoding')) return { coded: plain, plain }
  const line = section.has('range') ? NO_CODING : (['Accept-Encoding', codings.join(', ')] as const)
  return { coded: { ...fieldsOf(section.concat([line])), choosesCoding: true }, plain }
}

/** A request's own fields; each replaces the session's fields of that name. @throws {UsageError} INVALID_HEADER. */
export function requestFields(session: RequestFields, init: FieldsInit | undefined): RequestFields {
  if (init === undefined) return session
  const own = checkedSection(init)
  const asksForRange = session.choosesCoding && own.has('range') && !own.has('accept-encoding')
  const inherited = [...session.section].filter(([name]) => !own.has(name))
  if (asksForRange)
    return fieldsOf(
      FieldSection.from([...inherited.filter(([name]) => name !== NO_CODING[0]), ...own, NO_CODING]),
    )
  const section = inherited.length === 0 ? own : FieldSection.from([...inherited, ...own])
  return { ...fieldsOf(section), choosesCoding: session.choosesCoding && !own.has('accept-encoding') }
}

/** The fields without some, named in lower case. */
export function fieldsWithout(fields: RequestFields, names: readonly string[]): RequestFields {
  const { section } = fields
  if (!names.some((name) => section.has(name))) return fields
  const left = FieldSection.from([...section].filter(([name]) => !names.includes(name.toLowerCase())))
  return { ...fieldsOf(left), choosesCoding: fields.choosesCoding && !names.includes('accept-encoding') }
}

export function invalidHeader(message: string, options?: ErrorOptions): UsageError {
  return new UsageError('ERR_HTTP_INVALID_HEADER', message, options)
}

function checkedSection(init: FieldsInit): FieldSection {
  let section
  try {
    section = FieldSection.from(init)
  } catch (cause) {
    if (cause instanceof InvalidMessageError) throw invalidHeader(cause.message, { cause })
    throw cause
  }
  if (section.has('transfer-encoding')) throw invalidHeader('Transfer-Encoding is the client’s own business')
  const [host, another] = section.getAll('host')
  if (another !== undefined) throw invalidHeader('Host more than once')
  if (host !== undefined && (host === '' || !isHostValue(host))) throw invalidHeader('Host is not a host')
  return section
}

function fieldsOf(section: FieldSection): RequestFields {
  const connection =
    section
      .get('connection')
      ?.toLowerCase()
      .split(/[ \t]*,[ \t]*/) ?? []
  return {
    section,
    lines: linesOf(section),
    host: section.get('host'),
    declaredLength: section.get('content-length'),
    hasContentType: section.has('content-type'),
    closes: connection.includes('close'),
    expectsContinue: section.get('expect')?.toLowerCase() === '100-continue',
    upgrade: connection.includes('upgrade') ? section.get('upgrade') : undefined,
    choosesCoding: false,
  }
}

function linesOf(section: FieldSection): string {
  let lines = ''
  for (const [name, value] of section) {
    if (!/^(?:host|content-length)$/i.test(name)) lines += `${name}: ${value}\r\n`
  }
  return lines
}
