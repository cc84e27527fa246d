import { formatOf } from './content-coding.ts'
import type { ContentCoding } from './content-coding.ts'
import type { ByteSource, DecodingEngines } from './decoding-engines.ts'
import type { DecodingBudget } from './decoding-limits.ts'

/** Undoes one coding. Its engine is made when the first octets are there: they tell the format, and nothing at all is no error (an empty body). */
export class DecodingStage implements ByteSource {
  readonly #coding: ContentCoding
  readonly #coded: ByteSource
  readonly #engines: DecodingEngines
  readonly #budget: DecodingBudget
  #decoded: ByteSource | null = null
  #byteCount = 0
  #destroyed: { readonly reason: unknown } | null = null

  constructor(coding: ContentCoding, coded: ByteSource, engines: DecodingEngines, budget: DecodingBudget) {
    this.#coding = coding
    this.#coded = coded
    this.#engines = engines
    this.#budget = budget
  }

  async pull(): Promise<Uint8Array | null> {
    if (this.#decoded === null && !(await this.#open())) return null
    const chunk = (await this.#decoded?.pull()) ?? null
    this.#byteCount += chunk?.length ?? 0
    this.#budget.checkDecoded(this.#byteCount)
    return chunk
  }

  destroy(reason: unknown): void {
    this.#destroyed ??= { reason }
    this.#decoded?.destroy(reason)
  }

  /** False where there is nothing to decode. */
  async #open(): Promise<boolean> {
    const first = await this.#coded.pull()
    if (first === null) return false
    const head = this.#coding === 'deflate' && first.length === 1 ? await this.#lengthened(first) : first
    if (this.#destroyed !== null) throw this.#destroyed.reason
    this.#decoded = this.#engines.open(formatOf(this.#coding, head), ledBy(head, this.#coded))
    return true
  }

  async #lengthened(first: Uint8Array): Promise<Uint8Array> {
    const [octet = 0] = first // good until the next pull
    const more = (await this.#coded.pull()) ?? new Uint8Array(0)
    const head = new Uint8Array(1 + more.length)
    head[0] = octet
    head.set(more, 1)
    return head
  }
}

function ledBy(head: Uint8Array, rest: ByteSource): ByteSource {
  let first: Uint8Array | null = head
  return {
    pull() {
      if (first === null) return rest.pull()
      const chunk = first
      first = null
      return Promise.resolve(chunk)
    },
    destroy: (reason) => rest.destroy(reason),
  }
}
