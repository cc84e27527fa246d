/** How far one request and its response are, in octets of content; what frames it, and heads, do not count. */
export interface Progress {
  /** Octets of the request's content that its connection has taken; the last of them may still be in buffers of this machine. */
  readonly bytesSent: number
  /** Octets of the request's content; `null`: only its source knows. */
  readonly bytesToSend: number | null
  /** Octets of the response's content that have come, before any content coding is undone. */
  readonly bytesReceived: number
  /** Octets of the response's content; `null`: it is not there yet, or does not say. */
  readonly bytesToReceive: number | null
}

/** A callback is called at most so often, but for the end of either content. */
const INTERVAL_MS = 100

export class ProgressMeter implements Progress {
  bytesSent = 0
  readonly bytesToSend: number | null
  bytesReceived = 0
  bytesToReceive: number | null = null
  #toldAt = -Infinity
  #told: Progress | null = null

  constructor(bytesToSend: number | null) {
    this.bytesToSend = bytesToSend
  }

  /** What is to be told now; `null`: nothing is new, or it is too early. */
  news(now: number, isEnd: boolean): Progress | null {
    if (!isEnd && now - this.#toldAt < INTERVAL_MS) return null
    const { bytesSent, bytesToSend, bytesReceived, bytesToReceive } = this
    const told = this.#told
    const isNew =
      told === null ||
      told.bytesSent !== bytesSent ||
      told.bytesReceived !== bytesReceived ||
      told.bytesToReceive !== bytesToReceive
    if (!isNew) return null
    this.#toldAt = now
    this.#told = { bytesSent, bytesToSend, bytesReceived, bytesToReceive }
    return this.#told
  }
}
