/** The fields of requests: what the caller says, checked, with Host and framing left to the client. */
import { FieldSection, InvalidMessageError } from '@x/http1'
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
}

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

/** A request's own fields; each replaces the session's fields of that name. @throws {UsageError} INVALID_HEADER. */
export function requestFields(session: RequestFields, init: FieldsInit | undefined): RequestFields {
  if (init === undefined) return session
  const own = checkedSection(init)
  const inherited = [...session.section].filter(([name]) => !own.has(name))
  const section = inherited.length === 0 ? own : FieldSection.from([...inherited, ...own])
  return fieldsOf(section)
}

/** The fields without some, named in lower case. */
export function fieldsWithout({ section }: RequestFields, names: readonly string[]): RequestFields {
  return fieldsOf(FieldSection.from([...section].filter(([name]) => !names.includes(name.toLowerCase()))))
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
  if (section.getAll('host').length > 1) throw invalidHeader('Host more than once')
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
  }
}

function linesOf(section: FieldSection): string {
  let lines = ''
  for (const [name, value] of section) {
    if (!/^(?:host|content-length)$/i.test(name)) lines += `${name}: ${value}\r\n`
  }
  return lines
}
