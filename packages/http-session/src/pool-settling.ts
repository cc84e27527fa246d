import type { Deadline, Deadlines } from './deadlines.ts'
import type { PoolMember } from './pool-member.ts'

/** A peer that has answered, and takes the last of the request this late, is not worth waiting for. */
const MAX_FLUSHING_MS = 1000

/** How long a connection is left alone behind a response that announced content which it must not have. */
const SUSPECT_MS = 5

/** Connections whose response is there, and that will be idle in a moment, or lost. Until then they count as such at their places. */
export class Settling {
  readonly #deadlines: Deadlines
  readonly #onSettled: (member: PoolMember) => void

  /** @param onSettled Told of each connection once: it can be used again now, or never. */
  constructor(deadlines: Deadlines, onSettled: (member: PoolMember) => void) {
    this.#deadlines = deadlines
    this.#onSettled = onSettled
  }

  /** Waits until the peer has taken the last of a request that it has answered already; closes the connection where it does not. */
  async flush(member: PoolMember): Promise<void> {
    const { connection, home } = member
    const settled = this.#begin(member, MAX_FLUSHING_MS, () => home.close(connection))
    await connection.flushed()
    settled()
  }

  /** Leaves the connection alone for a moment: what comes by then would be taken for the next answer. */
  clear(member: PoolMember): void {
    const { connection } = member
    const settled = this.#begin(member, SUSPECT_MS, () => {
      connection.clear()
      settled()
    })
    connection.unref()
  }

  /** @returns To be called once, when it has settled. */
  #begin(member: PoolMember, limitMs: number, onDeadline: () => void): () => void {
    const limit: Deadline = { at: Infinity, place: -1, onDeadline }
    member.home.beginSettling()
    this.#deadlines.set(limit, this.#deadlines.now() + limitMs)
    return () => {
      member.home.endSettling()
      this.#deadlines.clear(limit)
      this.#onSettled(member)
    }
  }
}
