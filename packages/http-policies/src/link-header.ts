/** The field `Link` (RFC 8288 section 3): a parser for what servers send, which skips what it cannot read and never guesses. */

/** One link. */
export interface Link {
  /** The target as it was sent, perhaps relative. */
  readonly target: string
  /** Relation types, in lower case where they are no URLs. */
  readonly rel: readonly string[]
  /** The parameters by their names in lower case, the first one of a name; those without a value are empty. */
  readonly params: ReadonlyMap<string, string>
}

const TOKEN = /[!#$%&'*+.^_`|~0-9A-Za-z-]+/y
const BLANKS = /[ \t]*/y

/**
 * The links of a field, in order.
 *
 * @param value Several field lines joined with `, `.
 */
export function parseLinks(value: string): Link[] {
  const cursor = new Cursor(value)
  const links: Link[] = []
  while (!cursor.isAtEnd) {
    cursor.take(BLANKS)
    const link = parseLink(cursor)
    if (link !== null) links.push(link)
    cursor.skipMember()
  }
  return links
}

/** The target of the first link of that relation about the page itself; `null`: there is none. */
export function targetOf(links: readonly Link[], rel: string): string | null {
  // With `anchor`, a link is about something else (section 3.2).
  return links.find((link) => link.rel.includes(rel) && !link.params.has('anchor'))?.target ?? null
}

function parseLink(cursor: Cursor): Link | null {
  const target = cursor.takeBetween('<', '>')
  if (target === null) return null
  const params = new Map<string, string>()
  for (;;) {
    cursor.take(BLANKS)
    if (cursor.isAtEnd || cursor.next === ',') break
    if (!cursor.skip(';')) return null
    cursor.take(BLANKS)
    const name = cursor.take(TOKEN).toLowerCase()
    if (name === '') continue // an empty parameter: section B.3 lets it pass
    cursor.take(BLANKS)
    const value = cursor.skip('=') ? cursor.takeValue() : ''
    if (value === null) return null
    if (!params.has(name)) params.set(name, value)
  }
  const rel = (params.get('rel') ?? '').split(/[ \t]+/).filter((type) => type !== '')
  return { target, params, rel: rel.map((type) => (type.includes(':') ? type : type.toLowerCase())) }
}

class Cursor {
  readonly #text: string
  #at = 0

  constructor(text: string) {
    this.#text = text
  }

  get isAtEnd(): boolean {
    return this.#at >= this.#text.length
  }

  get next(): string | undefined {
    return this.#text[this.#at]
  }

  /** What a sticky pattern matches here, or nothing. */
  take(pattern: RegExp): string {
    pattern.lastIndex = this.#at
    const [found = ''] = pattern.exec(this.#text) ?? []
    this.#at += found.length
    return found
  }

  skip(character: string): boolean {
    if (this.next !== character) return false
    this.#at += 1
    return true
  }

  takeBetween(open: string, close: string): string | null {
    const end = this.next === open ? this.#text.indexOf(close, this.#at) : -1
    if (end < 0) return null
    const taken = this.#text.slice(this.#at + 1, end)
    this.#at = end + 1
    return taken
  }

  /** A token or a quoted string; `null`: the quotes are not closed. */
  takeValue(): string | null {
    this.take(BLANKS)
    if (!this.skip('"')) return this.take(/[^;,\t ]*/y)
    let value = ''
    while (!this.isAtEnd) {
      const character = this.#text[this.#at++]!
      if (character === '"') return value
      value += character === '\\' && !this.isAtEnd ? this.#text[this.#at++]! : character
    }
    return null
  }

  /** Behind the next comma that is in no target and in no quotes. */
  skipMember(): void {
    while (!this.isAtEnd) {
      const character = this.#text[this.#at]
      if (character === '<' && this.takeBetween('<', '>') !== null) continue
      if (character === '"') {
        if (this.takeValue() === null) return
        continue
      }
      this.#at += 1
      if (character === ',') return
    }
  }
}
