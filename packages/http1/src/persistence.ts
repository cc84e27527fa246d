// RFC 9112 section 9.3: whether a connection can be used again after a message.
import type { MessageFraming } from './framing.ts'
import type { FieldSection } from './field-section.ts'
import { hasListMember, listMembers } from './grammar.ts'

/** Whether a connection outlives a message, and for how long the peer says that it will. */
export interface Persistence {
  /** False: retire the connection once the message is complete. */
  readonly reusable: boolean
  /** `Keep-Alive: timeout`: how long the peer keeps an idle connection, without any margin. */
  readonly timeoutMs?: number
  /** `Keep-Alive: max`: how many more requests the peer will take. */
  readonly max?: number
}

const REUSABLE: Persistence = Object.freeze({ reusable: true })
const SPENT: Persistence = Object.freeze({ reusable: false })

/**
 * Whether a connection can be used again after this message, as far as the message says (P35, P36). For a
 * server's use the head is that of a request.
 *
 * @param head The final response, or the request.
 * @param framing Its framing: what ends with the connection cannot be followed by anything.
 */
export function persistence(
  head: { readonly minorVersion: 0 | 1; readonly fields: FieldSection },
  framing: MessageFraming,
): Persistence {
  if (framing.kind === 'close-delimited' || framing.kind === 'tunnel') return SPENT
  const { fields } = head
  const connection = fields.get('connection')
  if (connection === undefined) {
    if (head.minorVersion === 0) return SPENT
  } else if (
    hasListMember(connection, 'close') ||
    (head.minorVersion === 0 && !hasListMember(connection, 'keep-alive'))
  ) {
    return SPENT
  }
  const hints = fields.get('keep-alive')
  return hints === undefined ? REUSABLE : withHints(hints)
}

/** Members that are not understood are ignored; a hint that leaves nothing over ends the connection. */
function withHints(hints: string): Persistence {
  const found: { timeoutMs?: number; max?: number } = {}
  for (const member of listMembers(hints)) {
    const [, name, digits] = /^(timeout|max)[ \t]*=[ \t]*([0-9]{1,12})$/i.exec(member) ?? []
    if (name === undefined) continue
    if (name.toLowerCase() === 'max') found.max = Number(digits)
    else found.timeoutMs = Number(digits) * 1000
  }
  return { reusable: found.max !== 0 && found.timeoutMs !== 0, ...found }
}
