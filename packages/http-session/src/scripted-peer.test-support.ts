/** A server's end of a connection that answers when it is told to, and in the way it is told to, with the codec's own decoders. */
import { createBodyDecoder, isHttp1Error, RequestHeadDecoder, requestFraming } from '@x/http1'
import type { RequestHead } from '@x/http1'
import type { Connection } from '@x/streams'

/** A request whose head has come. Its target is `/` and the id of the request. */
export interface SeenRequest {
  readonly id: string
  readonly method: string
  /** Its body has come too. */
  isWhole: boolean
  answered: 'no' | 'in part' | 'whole'
}

/** `last`: by length too, with `Connection: close`, and the connection stays. */
export type AnswerKind = 'length' | 'last' | 'chunked' | 'to the close'

export interface AnswerPlan {
  readonly kind: AnswerKind
  readonly size: 'small' | 'large'
}

/** The content that belongs to a request, so that no other can be taken for it. */
export function contentFor(id: string, size: AnswerPlan['size']): string {
  return `${id}:`.repeat(size === 'small' ? 3 : 10_000)
}

/** An answer that says whose it is, as it goes out. */
function answerFor({ id, method }: SeenRequest, { kind, size }: AnswerPlan): string {
  const content = contentFor(id, size)
  const head = `HTTP/1.1 200 OK\r\nX-Id: ${id}\r\nX-Size: ${size}\r\n`
  if (kind === 'to the close') return `${head}\r\n${method === 'HEAD' ? '' : content}`
  if (method === 'HEAD') return `${head}Content-Length: ${content.length}\r\n\r\n`
  if (kind === 'last')
    return `${head}Connection: close\r\nContent-Length: ${content.length}\r\n\r\n${content}`
  if (kind === 'length') return `${head}Content-Length: ${content.length}\r\n\r\n${content}`
  const half = content.length >> 1
  const chunks = [content.slice(0, half), content.slice(half)]
  const coded = chunks.map((chunk) => `${chunk.length.toString(16)};x="y"\r\n${chunk}\r\n`).join('')
  return `${head}Transfer-Encoding: chunked\r\n\r\n${coded}0\r\nX-Trailer: ${id}\r\n\r\n`
}

const GONE: ReadonlySet<string> = new Set([
  'ERR_HTTP1_NO_HEAD',
  'ERR_HTTP1_INCOMPLETE_HEAD',
  'ERR_HTTP1_INCOMPLETE_BODY',
])

export class ScriptedPeer {
  readonly connection: Connection
  /** The request that is not whole or was not answered whole; `null` between exchanges. */
  pending: SeenRequest | null = null
  /** Ids of all requests whose heads have come, in their order. */
  readonly seen: string[] = []
  /** What the client did that no client may do. */
  readonly offences: string[] = []
  /** What of an answer that was begun is still to go out. */
  #rest = ''
  #closesAfterwards = false
  #isLast = false
  #hasEnded = false

  constructor(connection: Connection) {
    this.connection = connection
    void this.#read()
  }

  /** Whether an answer may begin. */
  get canAnswer(): boolean {
    return this.pending?.answered === 'no' && this.canWrite
  }

  get canGoOn(): boolean {
    return this.pending?.answered === 'in part' && this.canWrite
  }

  /** Whether an end now cannot be taken for the end of an answer that runs to it. */
  get canEnd(): boolean {
    return this.canWrite && !(this.canGoOn && this.#closesAfterwards)
  }

  get canWrite(): boolean {
    return !this.#hasEnded && !this.connection.writer.isClosing
  }

  /** Writes an answer, up to `byteCount` octets of it; `goOn` writes the rest. */
  answer(plan: AnswerPlan, byteCount: number): void {
    const { pending } = this
    if (pending === null) throw new Error('there is no request')
    const wire = answerFor(pending, plan)
    this.#closesAfterwards = plan.kind === 'to the close'
    this.#isLast = plan.kind === 'last' && pending.method !== 'HEAD'
    this.#rest = wire.slice(byteCount)
    pending.answered = 'in part'
    this.write(wire.slice(0, byteCount))
    if (this.#rest === '') this.goOn()
  }

  /** Writes the rest of the answer that was begun. */
  goOn(): void {
    this.write(this.#rest)
    this.#rest = ''
    if (this.pending !== null) this.pending.answered = 'whole'
    if (this.#closesAfterwards) this.close()
    this.#settle()
  }

  write(text: string): void {
    if (text !== '' && this.canWrite) this.connection.writer.writeText(text, 'latin1')
  }

  /** Sends no more, and goes on reading. */
  end(): void {
    this.#hasEnded = true
    this.connection.writer.writeEof()
  }

  /** Ends it in order. A client that has left does not take the rest. */
  close(): void {
    this.connection.close({ graceMs: 1000 }).catch(() => {})
  }

  #settle(): void {
    if (this.pending?.isWhole === true && this.pending.answered === 'whole') this.pending = null
  }

  async #read(): Promise<void> {
    const { reader } = this.connection
    const heads = new RequestHeadDecoder()
    try {
      for (;;) await this.#readRequest(await reader.decode(heads.decode))
    } catch (error) {
      // Else the client has gone, or was sent away.
      if (isHttp1Error(error) && !GONE.has(error.code)) this.offences.push(String(error))
    }
    this.close()
  }

  async #readRequest(head: RequestHead): Promise<void> {
    const request: SeenRequest = {
      id: head.target.slice(1),
      method: head.method,
      isWhole: false,
      answered: 'no',
    }
    if (this.#isLast) this.offences.push(`${request.id} came after "Connection: close"`)
    if (this.pending !== null)
      this.offences.push(`${request.id} came before ${this.pending.id} was done with`)
    this.pending = request
    this.seen.push(request.id)
    const body = createBodyDecoder(requestFraming(head))
    let step
    do step = await this.connection.reader.decode((window) => body.next(window))
    while (step === 'data')
    request.isWhole = true
    this.#settle()
  }
}
