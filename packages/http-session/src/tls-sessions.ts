/** TLS sessions of peers that were trusted once, for a shorter handshake the next time (RFC 8446 section 2.2). */

/** What a dial gives to the handshake, and is told by it. */
export interface SessionTerms {
  readonly session?: Buffer
  readonly onSession: (session: Uint8Array) => void
}

export class TlsSessions {
  readonly #maxCount: number
  /** The one used last stands last. */
  readonly #sessions = new Map<string, Uint8Array>()

  /** @param maxCount Of those used longest ago, what is more goes. 0: none is kept. */
  constructor(maxCount: number) {
    this.#maxCount = maxCount
  }

  /** @param key Host and port: a session stands for a certificate that was accepted of this name. */
  begin(key: string): SessionOffer {
    return new SessionOffer(this, key)
  }

  take(key: string): Uint8Array | undefined {
    const session = this.#sessions.get(key)
    if (session !== undefined) this.keep(key, session)
    return session
  }

  keep(key: string, session: Uint8Array): void {
    this.#sessions.delete(key)
    if (this.#maxCount > 0) this.#sessions.set(key, session)
    if (this.#sessions.size <= this.#maxCount) return
    for (const oldest of this.#sessions.keys()) return void this.#sessions.delete(oldest)
  }

  drop(key: string): void {
    this.#sessions.delete(key)
  }
}

/** One dial's part. A resumed session is not asked for its certificate again: only those of accepted peers are kept. */
export class SessionOffer {
  readonly terms: SessionTerms
  readonly #sessions: TlsSessions
  readonly #key: string
  /** Came before the peer was accepted. */
  #early: Uint8Array | null = null
  #isAccepted = false

  constructor(sessions: TlsSessions, key: string) {
    const known = sessions.take(key)
    const onSession = (session: Uint8Array): void => {
      if (this.#isAccepted) sessions.keep(key, session)
      else this.#early = session
    }
    this.#sessions = sessions
    this.#key = key
    this.terms =
      known === undefined
        ? { onSession }
        : { session: Buffer.from(known.buffer, known.byteOffset, known.length), onSession }
  }

  /** The connection stands. */
  accept(): void {
    this.#isAccepted = true
    if (this.#early !== null) this.#sessions.keep(this.#key, this.#early)
    this.#early = null
  }

  /** It does not: the session that was offered may be why. */
  refuse(): void {
    this.#sessions.drop(this.#key)
  }
}
