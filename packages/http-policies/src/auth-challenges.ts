/** Challenges and parameters of HTTP authentication, by the grammar of RFC 9110 section 11 and nothing that is outside of it. */

/** What a server asks for. */
export interface Challenge {
  /** In lower case. */
  readonly scheme: string
  /** In place of parameters. */
  readonly token68: string | null
  /** By names in lower case; quoted strings without their quotes and escapes. */
  readonly params: ReadonlyMap<string, string>
}

/** `Authentication-Info`: RFC 9110 section 11.6.3. `null`: not by the grammar. */
export function parseAuthParams(value: string): ReadonlyMap<string, string> | null {
  const scanner = new Scanner(value)
  const params = new Map<string, string>()
  while (scanner.toNextMember()) {
    if (!takeParam(scanner, params) || !scanner.isAtMemberEnd()) return null
  }
  return params
}

/**
 * The challenges of one field value, in order. A comma stands between challenges as well as between the parameters of one: RFC 9110 section 11.6.1.
 *
 * @returns `null` where any of it is not by the grammar: which of several readings the server meant cannot be known.
 */
export function parseChallenges(value: string): readonly Challenge[] | null {
  const scanner = new Scanner(value)
  const challenges: (Challenge & { readonly params: Map<string, string> })[] = []
  while (scanner.toNextMember()) {
    const last = challenges.at(-1)
    if (scanner.isAtParam()) {
      if (last === undefined || last.token68 !== null || !takeParam(scanner, last.params)) return null
    } else {
      const challenge = takeChallenge(scanner)
      if (challenge === null) return null
      challenges.push(challenge)
    }
    if (!scanner.isAtMemberEnd()) return null
  }
  return challenges
}

/** As a quoted string: RFC 9110 section 5.6.4. */
export function quoted(value: string): string {
  return `"${value.replace(/["\\]/g, '\\$&')}"`
}

function takeChallenge(scanner: Scanner): (Challenge & { readonly params: Map<string, string> }) | null {
  const scheme = scanner.take(TOKEN)?.toLowerCase()
  if (scheme === undefined) return null
  const params = new Map<string, string>()
  const bare = { scheme, token68: null, params }
  const isFollowed = scanner.take(SPACES) !== undefined
  if (scanner.isAtMemberEnd()) return bare
  if (!isFollowed) return null
  if (scanner.isAtParam()) return takeParam(scanner, params) ? bare : null
  const token68 = scanner.take(TOKEN68)
  return token68 === undefined ? null : { scheme, token68, params }
}

/** Whether there was a parameter, which the challenge does not have yet. */
function takeParam(scanner: Scanner, params: Map<string, string>): boolean {
  const name = scanner.take(TOKEN)?.toLowerCase()
  if (name === undefined || params.has(name) || scanner.take(EQUALS) === undefined) return false
  const string = scanner.take(QUOTED)
  const value = string === undefined ? scanner.take(TOKEN) : string.slice(1, -1).replace(/\\(.)/g, '$1')
  if (value === undefined) return false
  params.set(name, value)
  return true
}

// Each looks only where the scanner stands. None has two ways to match the same text.
const TOKEN = /[!#$%&'*+\-.^_`|~\w]+/y
const TOKEN68 = /[\w\-.~+/]+=*/y
const SPACES = / +/y
const BLANKS = /[ \t]+/y
const BETWEEN = /[ \t,]+/y
const EQUALS = /[ \t]*=[ \t]*/y
const QUOTED = /"(?:[\t !#-[\]-~\x80-\xff]|\\[\t -~\x80-\xff])*"/y
/** A value has to stand behind it: what has none, `a=`, is a token68. */
const PARAM = /[!#$%&'*+\-.^_`|~\w]+[ \t]*=[ \t]*[^=, \t]/y

class Scanner {
  readonly #text: string
  #at = 0

  constructor(text: string) {
    this.#text = text
  }

  /** Goes over commas, empty members included: RFC 9110 section 5.6.1.2. @returns Whether there is a member. */
  toNextMember(): boolean {
    this.take(BETWEEN)
    return this.#at < this.#text.length
  }

  isAtParam(): boolean {
    PARAM.lastIndex = this.#at
    return PARAM.test(this.#text)
  }

  /** Goes over blanks. */
  isAtMemberEnd(): boolean {
    this.take(BLANKS)
    return this.#at === this.#text.length || this.#text[this.#at] === ','
  }

  take(pattern: RegExp): string | undefined {
    pattern.lastIndex = this.#at
    const found = pattern.exec(this.#text)?.[0]
    this.#at += found?.length ?? 0
    return found
  }
}
