/** Callers who do everything that callers may do, at the worst moment, as chance decides; and what must be left of it: nothing. */
import { getEventListeners, setMaxListeners } from 'node:events'
import { Readable } from 'node:stream'
import { isHttpSessionError } from './index.ts'
import type { ClientResponse, ClientSession, Middleware, RequestOptions } from './index.ts'
import type { Chance } from './leaks-servers.test-support.ts'
import { broken, failing, thrower } from './request-body.test-support.ts'

/** More than both ends hold: it leaves only while somebody takes it. */
const LARGE_BYTE_COUNT = 200_000
const LARGE = 'y'.repeat(LARGE_BYTE_COUNT)

const WRAPPING: Middleware = (request, next) =>
  next(request.hasBody ? request.with({ body: () => request.openBody() }) : request)

const MIDDLEWARES: Readonly<Record<string, Middleware>> = {
  'hands on': (request, next) => next(request),
  'throws before': () => Promise.reject(broken),
  'throws behind': async (request, next) => {
    const response = await next(request)
    response.discard()
    throw broken
  },
  'tries again': async (request, next) => {
    for (let attempt = 0; ; attempt++) {
      const isLast = attempt === 2 || !request.canResendBody
      try {
        const response = await next(request)
        if (isLast || response.status < 500) return response
        response.discard()
      } catch (error) {
        if (isLast || !isHttpSessionError(error)) throw error
      }
      await request.wait(20)
    }
  },
  'asks twice at once': async (request, next) => {
    const answers = await Promise.allSettled([next(request), next(request)])
    const responses = answers.flatMap((answer) => (answer.status === 'fulfilled' ? [answer.value] : []))
    const [first, second] = responses
    second?.discard()
    if (first !== undefined) return first
    throw (answers[0] as PromiseRejectedResult).reason
  },
  'answers with text': async (request) => request.respond({ status: 200, body: 'made' }),
  'answers in pieces': async (request) => request.respond({ status: 200, body: ['ma', 'de'] }),
  'answers and fails': async (request) => request.respond({ status: 200, body: failing() }),
  'waits for ever': async (request) => {
    await request.wait(Infinity)
    return request.respond({ status: 200 })
  },
  'wraps the body': WRAPPING,
  'goes elsewhere': (request, next) => next(request.with({ url: 'http://b.example/elsewhere' })),
}

type Use = (response: ClientResponse) => unknown

const USES: readonly Use[] = [
  (response) => response.text(),
  (response) => response.text(),
  (response) => response.json(),
  (response) => response.discard(),
  async (response) => {
    for await (const _ of response) break
  },
  async (response) => {
    for await (const _ of response.lines());
  },
  (response) => response.lendChunks(thrower),
  async (response) => {
    const reader = response.reader()
    await reader.read()
    await reader.cancel()
  },
  (response) => response.toReadableStream().cancel(broken),
  () => {}, // never read: it ends with its time limit
]

/** How a stream ends; `never`: it gives nothing more, and does not end. */
const ENDINGS = ['close', 'close', 'error', 'never'] as const
type StreamEnding = (typeof ENDINGS)[number]

/** A stream to send, and whether it was read to its end or told that nobody wants it. */
interface Sent {
  readonly name: string
  readonly isOver: () => boolean
}

export class Callers {
  /** Calls that have not settled, with what is done with their bodies. */
  pendingCount = 0
  /** How often each outcome came: codes of errors, or the kind of what else was thrown. */
  readonly outcomes: Map<string, number> = new Map()
  readonly #session: ClientSession
  readonly #chance: Chance
  readonly #url: (chance: Chance) => string
  /** One signal for many requests, and those that are one request's. */
  readonly #shared = new AbortController()
  #controllers: AbortController[] = []
  #sent: Sent[] = []
  #onEnded: (() => void)[] = []

  constructor(session: ClientSession, chance: Chance, url: (chance: Chance) => string) {
    this.#session = session
    this.#chance = chance
    this.#url = url
    setMaxListeners(0, this.#shared.signal)
  }

  /** Begins a call. */
  begin(): void {
    this.#begun(this.#call())
  }

  /** Wants connections ahead of calls. */
  preconnect(): void {
    const options = { count: this.#chance.below(4), signal: this.#signal() }
    this.#begun(this.#session.preconnect(this.#url(this.#chance), options))
  }

  /** Resolves when no more than `count` calls have not ended. */
  async untilPending(count: number): Promise<void> {
    while (this.pendingCount > count) await new Promise<void>((resolve) => this.#onEnded.push(resolve))
  }

  /** Gives one of the youngest calls up, unless it is over. */
  abortOne(): void {
    this.#controllers.at(-1 - this.#chance.below(10))?.abort(broken)
  }

  /** What is left although all calls are over. */
  leftovers(): { listeners: number; streams: string[] } {
    const signals = [this.#shared, ...this.#controllers].map(({ signal }) => signal)
    const streams = this.#sent.filter(({ isOver }) => !isOver()).map(({ name }) => name)
    const listeners = signals.reduce((sum, signal) => sum + getEventListeners(signal, 'abort').length, 0)
    this.#controllers = []
    this.#sent = []
    return { listeners, streams }
  }

  async #call(): Promise<void> {
    const chance = this.#chance
    const method = chance.pick(['GET', 'GET', 'GET', 'HEAD', 'POST', 'PUT'])
    const habits = this.#habits()
    // Behind a wrapper nobody is told while a piece is waited for.
    const isWrapped = habits.middleware?.includes(WRAPPING) === true
    const endings = isWrapped ? ENDINGS.filter((ending) => ending !== 'never') : ENDINGS
    const content = method === 'POST' || method === 'PUT' ? this.#content(endings) : {}
    const options: RequestOptions = { ...content, ...habits, priority: chance.below(3) }
    if (chance.isOneIn(2)) options.signal = this.#signal()
    const response = await this.#session.request(method, this.#url(chance), options)
    await chance.pick(USES)(response)
  }

  #habits(): RequestOptions {
    const chance = this.#chance
    const options: RequestOptions = chance.isOneIn(20) ? { maxRedirects: 0 } : {}
    if (chance.isOneIn(3)) options.middleware = [MIDDLEWARES[chance.pick(Object.keys(MIDDLEWARES))]!]
    if (chance.isOneIn(10)) options.throwOnStatus = true
    if (chance.isOneIn(10)) options.onProgress = thrower
    if (chance.isOneIn(10)) options.onInformational = thrower
    return options
  }

  #content(endings: readonly StreamEnding[]): RequestOptions {
    const chance = this.#chance
    const headers = chance.isOneIn(4) ? { Expect: '100-continue' } : {}
    switch (chance.below(9)) {
      case 0:
        return { body: 'abc', headers }
      case 1:
        return { body: new Uint8Array(LARGE_BYTE_COUNT), headers }
      case 2:
        return { body: failing(), headers }
      case 3:
        return { body: ['abc'], headers: { ...headers, 'Content-Length': '5' } }
      case 4:
        return { body: () => thrower(), headers }
      case 5:
        return { body: ['abc'], headers, trailers: () => thrower() }
      case 6:
        return { body: this.#nodeStream(this.#chance.pick(endings)), headers }
      case 7:
        return { body: this.#webStream(this.#chance.pick(endings)), headers }
      default:
        return { multipart: { a: 'b', file: new Blob(['abc']) }, headers }
    }
  }

  #nodeStream(ending: StreamEnding): Readable {
    const chunks = this.#chance.isOneIn(8) ? [LARGE] : ['abc', 'def']
    const stream =
      ending === 'never'
        ? new Readable({ read() {} })
        : Readable.from(ending === 'error' ? failing() : chunks)
    this.#sent.push({ name: 'a stream of Node', isOver: () => stream.destroyed })
    return stream
  }

  #webStream(ending: StreamEnding): ReadableStream<Uint8Array> {
    const rest = [new Uint8Array(this.#chance.isOneIn(8) ? LARGE_BYTE_COUNT : 3), new Uint8Array(3)]
    let isOver = false
    this.#sent.push({ name: 'a web stream', isOver: () => isOver })
    return new ReadableStream(
      {
        pull(controller) {
          const chunk = rest.shift()
          if (chunk !== undefined) return controller.enqueue(chunk)
          if (ending === 'never') return new Promise(() => {})
          isOver = true
          if (ending === 'error') controller.error(broken)
          else controller.close()
        },
        cancel() {
          isOver = true
        },
      },
      { highWaterMark: 0 },
    )
  }

  #signal(): AbortSignal {
    const chance = this.#chance
    if (chance.isOneIn(2)) return this.#shared.signal
    const controller = new AbortController()
    this.#controllers.push(controller)
    if (chance.isOneIn(20)) controller.abort(broken)
    else if (chance.isOneIn(4)) void abortSoon(controller, chance.below(60))
    return controller.signal
  }

  #begun(call: Promise<unknown>): void {
    this.pendingCount += 1
    void call.then(
      () => this.#ended('fulfilled'),
      (error: unknown) => this.#ended(outcomeOf(error)),
    )
  }

  #ended(outcome: string): void {
    this.pendingCount -= 1
    for (const resolve of this.#onEnded.splice(0)) resolve()
    this.outcomes.set(outcome, (this.outcomes.get(outcome) ?? 0) + 1)
  }
}

/** Between any two microtasks. */
async function abortSoon(controller: AbortController, ticks: number): Promise<void> {
  for (let tick = 0; tick < ticks; tick++) await Promise.resolve()
  controller.abort(broken)
}

function outcomeOf(error: unknown): string {
  if (error === broken) return 'broken'
  const { code } = error as { code?: unknown }
  return typeof code === 'string' ? code : `unexpected: ${String(error)}`
}
