/** Callers that come, read, leave and are aborted in any order: each gets a whole response of its own, or what has ended it. */
import type { ClientResponse } from '@x/http-session'
import fc from 'fast-check'
import { expect, test } from 'vitest'
import { coalesce } from './index.ts'
import { memoryServer, readRequest, settle } from './memory-server.test-support.ts'

const URL = 'http://a.example/'

type Action = {
  readonly kind: 'ask' | 'head' | 'piece' | 'end' | 'break' | 'abort' | 'discard' | 'read' | 'later'
  readonly who: number
}

/** One request as the server has it. */
interface Served {
  readonly write: (text: string) => void
  readonly breakOff: () => void
  content: string
  state: 'asked' | 'begun' | 'whole' | 'broken'
}

interface Caller {
  readonly controller: AbortController
  response: ClientResponse | null
  outcome: Promise<unknown>
  read: () => void
  hasDiscarded: boolean
}

class World {
  readonly served: Served[] = []
  readonly callers: Caller[] = []
  readonly server = memoryServer(
    async (peer) => {
      while ((await readRequest(peer)) !== null) {
        this.served.push({
          write: (text) => {
            if (!peer.writer.isClosing) peer.writer.writeText(text, 'latin1')
          },
          breakOff: () => peer.abort(new Error('gone')),
          content: '',
          state: 'asked',
        })
      }
    },
    { middleware: [coalesce({ maxBodyBytes: 12, maxCollectMs: 100 })] },
  )

  do({ kind, who }: Action): void {
    if (kind === 'ask') return this.ask()
    if (kind === 'later') return this.server.clock.advance(60)
    const caller = this.callers[who % Math.max(1, this.callers.length)]
    if (kind === 'abort') return caller?.controller.abort(new Error('enough'))
    if (kind === 'discard' && caller !== undefined && caller.response !== null) {
      caller.hasDiscarded = true
      return caller.response.discard()
    }
    if (kind === 'read') return caller?.read()
    const open = this.served.filter(({ state }) => state === 'asked' || state === 'begun')
    const one = open[who % Math.max(1, open.length)]
    if (one !== undefined) this.serve(one, kind)
  }

  serve(one: Served, kind: Action['kind']): void {
    if (kind === 'break') {
      one.state = 'broken'
      return one.breakOff()
    }
    if (one.state === 'asked') one.write('HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n')
    one.state = 'begun'
    const piece = `${this.served.indexOf(one)}.${one.content.length};`
    if (kind === 'piece') {
      one.content += piece
      one.write(`${piece.length.toString(16)}\r\n${piece}\r\n`)
    }
    if (kind !== 'end') return
    one.state = 'whole'
    one.write('0\r\n\r\n')
  }

  ask(): void {
    const controller = new AbortController()
    let read = (): void => {}
    const mayRead = new Promise<void>((resolve) => (read = resolve))
    const caller: Caller = {
      controller,
      response: null,
      read,
      outcome: Promise.resolve(),
      hasDiscarded: false,
    }
    const text = async (): Promise<string> => {
      caller.response = await this.server.session.get(URL, { signal: controller.signal })
      await mayRead
      return caller.response.text()
    }
    caller.outcome = text().then(null, (error: unknown) => error)
    this.callers.push(caller)
  }

  /** The server answers whatever is asked, and everybody reads. */
  async finish(): Promise<void> {
    for (const { read } of this.callers) read()
    for (let round = 0; round < 4; round++) {
      await settle()
      for (const one of this.served)
        if (one.state === 'asked' || one.state === 'begun') this.serve(one, 'end')
    }
  }
}

const action: fc.Arbitrary<Action> = fc.record({
  kind: fc.constantFrom<Action['kind'][]>(
    'ask',
    'ask',
    'ask',
    'head',
    'piece',
    'piece',
    'end',
    'break',
    'abort',
    'discard',
    'read',
    'later',
  ),
  who: fc.nat(5),
})
/** What may have ended it for a caller. */
function endsOf({ controller, hasDiscarded }: Caller): RegExp[] {
  const ends = [/the peer closed before a response/, /the body ended after/]
  if (controller.signal.aborted) ends.push(/^enough$/)
  if (hasDiscarded) ends.push(/the response was discarded/, /the body of this response was read already/)
  return ends
}

test('whatever happens, each caller gets a whole response or hears what has ended it', async () => {
  await fc.assert(
    fc.asyncProperty(fc.array(action, { maxLength: 25 }), async (actions) => {
      const world = new World()
      for (const one of actions) {
        world.do(one)
        await settle()
      }
      await world.finish()
      const whole = world.served.filter(({ state }) => state === 'whole').map(({ content }) => content)
      for (const caller of world.callers) {
        const ended = await Promise.race([caller.outcome, settle().then(() => 'nothing')])
        if (typeof ended === 'string') expect(whole).toContain(ended)
        else
          expect(
            endsOf(caller).some((end) => end.test((ended as Error).message)),
            String(ended),
          ).toBe(true)
      }
      const { session, clock, openCount } = world.server
      await session.close({ graceMs: 0 })
      await settle()
      clock.advance(60_000) // the server's ends have time limits of their own
      expect(clock.timerCount).toBe(0)
      expect(openCount()).toBe(0)
    }),
    { numRuns: 150 },
  )
}, 60_000)
