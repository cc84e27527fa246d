/** The fields of requests: what the caller says, checked, with Host and framing left to the client. */
import { FieldSection, InvalidMessageError, isHostValue, isToken } from '@x/http1'
import type { FieldsInit } from '@x/http1'
import { UsageError } from './errors.ts'
import { isRecord, kindOf } from './options.ts'

/** Fields to send, laid over defaults by name, without case. In a record `undefined` leaves the default of that name out, with none in its place. */
export type HeadersInit = FieldsInit | { readonly [name: string]: string | readonly string[] | undefined }

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
  /** Names of defaults that are not wanted, in lower case. */
  readonly omitted: readonly string[]
}

/** What a session sends with every request: where content codings are undone, and where they are not. */
export interface SessionFields {
  readonly coded: RequestFields
  readonly plain: RequestFields
}

/** RFC 9110 section 14.2: a range is one of the content as it is coded, and nobody can decode it by itself. */
const NO_CODING = ['Accept-Encoding', 'identity'] as const

const NONE: readonly string[] = []

/**
 * The fields that a session sends with every request.
 *
 * @param defaults Those over which they are laid.
 * @throws {UsageError} INVALID_HEADER, naming the field and never showing its value. INVALID_OPTION: not fields at all.
 */
export function sessionFields(init: HeadersInit | undefined, defaults: FieldsInit = []): RequestFields {
  const fields = requestFields(fieldsOf(FieldSection.from(defaults)), init)
  for (const name of ['content-length', 'host']) {
    if (fields.section.has(name)) throw invalidHeader(`${name} belongs to each request, not to the session`)
  }
  return fields
}

/** The session's fields in both forms, made once. @param codings Content codings that can be undone. */
export function withCodings(plain: RequestFields, codings: readonly string[]): SessionFields {
  const { section, omitted } = plain
  if (codings.length === 0 || section.has('accept-encoding') || omitted.includes('accept-encoding'))
    return { coded: plain, plain }
  const line = section.has('range') ? NO_CODING : (['Accept-Encoding', codings.join(', ')] as const)
  return { coded: { ...fieldsOf(section.concat([line]), omitted), choosesCoding: true }, plain }
}

/** A request's own fields; each replaces the session's fields of that name. @throws {UsageError} INVALID_HEADER, INVALID_OPTION. */
export function requestFields(session: RequestFields, init: HeadersInit | undefined): RequestFields {
  if (init === undefined) return session
  const { given, dropped } = splitInit(init)
  const own = checkedSection(given)
  const replaces = (name: string): boolean => own.has(name) || dropped.includes(name.toLowerCase())
  const keepsCoding = session.choosesCoding && !replaces('accept-encoding')
  const inherited = [...session.section].filter(([name]) => !replaces(name))
  const omitted = [...session.omitted.filter((name) => !replaces(name)), ...dropped]
  if (keepsCoding && own.has('range')) {
    const others = inherited.filter(([name]) => name !== NO_CODING[0])
    return fieldsOf(FieldSection.from([...others, ...own, NO_CODING]), omitted)
  }
  const section = inherited.length === 0 ? own : FieldSection.from([...inherited, ...own])
  return { ...fieldsOf(section, omitted), choosesCoding: keepsCoding }
}

/** What makes the same fields of the same defaults, or of any that were left out here. */
export function headersOf({ section, omitted }: RequestFields): HeadersInit {
  if (omitted.length === 0) return section
  const values = new Map<string, string[] | undefined>()
  for (const name of omitted) values.set(name, undefined)
  for (const [name, value] of section) values.set(name, [...(values.get(name) ?? []), value])
  return Object.fromEntries(values)
}

/** Fields that are given, and those of which there are to be none. */
function splitInit(init: HeadersInit): { given: FieldsInit; dropped: readonly string[] } {
  if (!isRecord(init))
    throw invalidFields(`must be a record, or give pairs of a name and a value, got ${kindOf(init)}`)
  if (Symbol.iterator in init) return { given: init as FieldsInit, dropped: NONE }
  const record = init as { readonly [name: string]: unknown }
  const names = Object.keys(record).filter((name) => record[name] === undefined)
  if (names.length === 0) return { given: init as FieldsInit, dropped: NONE }
  for (const name of names) if (!isToken(name)) throw invalidHeader(`field name: not a token in "${name}"`)
  const entries = Object.entries(record).filter(([, value]) => value !== undefined)
  return {
    given: Object.fromEntries(entries) as FieldsInit,
    dropped: names.map((name) => name.toLowerCase()),
  }
}

/** The fields without some, named in lower case. */
export function fieldsWithout(fields: RequestFields, names: readonly string[]): RequestFields {
  const { section } = fields
  if (!names.some((name) => section.has(name))) return fields
  const left = FieldSection.from([...section].filter(([name]) => !names.includes(name.toLowerCase())))
  return {
    ...fieldsOf(left, fields.omitted),
    choosesCoding: fields.choosesCoding && !names.includes('accept-encoding'),
  }
}

export function invalidHeader(message: string, options?: ErrorOptions): UsageError {
  return new UsageError('ERR_HTTP_INVALID_HEADER', message, options)
}

function invalidFields(reason: string, options?: ErrorOptions): UsageError {
  return new UsageError('ERR_HTTP_INVALID_OPTION', `option headers: ${reason}`, options)
}

function checkedSection(init: FieldsInit): FieldSection {
  let section
  try {
    section = FieldSection.from(init)
  } catch (cause) {
    if (cause instanceof InvalidMessageError) throw invalidHeader(cause.message, { cause })
    if (cause instanceof TypeError) throw invalidFields('must give pairs of a name and a value', { cause })
    throw cause // by whoever gives them
  }
  if (section.has('transfer-encoding')) throw invalidHeader('Transfer-Encoding is the client’s own business')
  const [host, another] = section.getAll('host')
  if (another !== undefined) throw invalidHeader('Host more than once')
  if (host !== undefined && (host === '' || !isHostValue(host))) throw invalidHeader('Host is not a host')
  return section
}

function fieldsOf(section: FieldSection, omitted: readonly string[] = NONE): RequestFields {
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
    omitted,
  }
}

function linesOf(section: FieldSection): string {
  let lines = ''
  for (const [name, value] of section) {
    if (!/^(?:host|content-length)$/i.test(name)) lines += `${name}: ${value}\r\n`
  }
  return lines
}
