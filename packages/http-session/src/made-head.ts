/** The head of a response that somebody here has made, checked as a server's is. */
import { FieldSection, isFieldValue } from '@x/http1'
import type { FieldsInit, ResponseHead } from '@x/http1'
import { UsageError } from './errors.ts'
import { checkNames, invalidOption, kindOf } from './options.ts'

/** What is said of a response before its content. */
interface MadeHeadInit {
  readonly status: number
  readonly reasonPhrase?: string
  readonly headers?: FieldsInit
  readonly httpVersion?: '1.0' | '1.1'
  readonly contentCodings?: readonly string[]
}

/** @throws {UsageError} INVALID_OPTION, INVALID_HEADER. */
export function madeHead({
  status,
  reasonPhrase = '',
  headers = [],
  httpVersion = '1.1',
  contentCodings = [],
}: MadeHeadInit): ResponseHead {
  if (!Number.isInteger(status) || status < 200 || status > 999)
    throw invalidOption(
      'status',
      `must be an integer of 200 to 999, got ${typeof status === 'number' ? status : kindOf(status)}`,
    )
  if (typeof reasonPhrase !== 'string' || !isFieldValue(reasonPhrase))
    throw invalidOption('reasonPhrase', 'must be text without control characters')
  if (httpVersion !== '1.0' && httpVersion !== '1.1')
    throw invalidOption('httpVersion', 'must be "1.0" or "1.1"')
  checkNames('contentCodings', contentCodings)
  return { status, reasonPhrase, minorVersion: httpVersion === '1.0' ? 0 : 1, fields: madeFields(headers) }
}

function madeFields(init: FieldsInit): FieldSection {
  try {
    return FieldSection.from(init)
  } catch (cause) {
    throw new UsageError('ERR_HTTP_INVALID_HEADER', 'headers of the response are not valid', { cause })
  }
}
