// The two tables of a connection's life against a model that knows no phases, only what has begun and what is whole; and
// the two tables against each other, as two ends of one connection.
import fc from 'fast-check'
import { expect, test } from 'vitest'
import { advanceClient, advanceServer } from './connection-phase.ts'
import type { ClientPhase, ConnectionEvent, ServerPhase } from './connection-phase.ts'

const SEED = 20_250_101

const EVENTS: readonly ConnectionEvent[] = [
  'requestHead',
  'requestData',
  'requestEnd',
  'informational',
  'finalHead',
  'responseData',
  'responseEnd',
  'switched',
  'connected',
  'reused',
  'retired',
  'peerClosed',
  'closed',
]

type Part = 'none' | 'begun' | 'whole'

/** Facts about a connection, each of which may be true without the others. */
interface Facts {
  request: Part
  /** Of the final response. */
  response: Part
  /** The final response began before the request was whole. */
  early: boolean
  retired: boolean
  isTunnel: boolean
  isClosed: boolean
}

const FRESH: Facts = {
  request: 'none',
  response: 'none',
  early: false,
  retired: false,
  isTunnel: false,
  isClosed: false,
}

type Side = 'client' | 'server'

/** What RFC 9112 section 9 lets happen, as one sentence for each event. */
function isLegal(side: Side, event: ConnectionEvent, facts: Facts): boolean {
  if (event === 'closed') return true
  if (facts.isClosed || facts.isTunnel) return false
  if (event === 'peerClosed') return true
  if (facts.retired) return false
  const { request, response } = facts
  switch (event) {
    case 'requestHead':
      return request === 'none'
    case 'requestData':
    case 'requestEnd':
      // A client stops where the final response overtakes it (P37); a server takes what was under way.
      return request === 'begun' && (side === 'server' || response === 'none')
    case 'informational':
    case 'finalHead':
      return request !== 'none' && response === 'none'
    case 'switched':
    case 'connected':
      return request === 'whole' && response === 'none'
    case 'responseData':
    case 'responseEnd':
      return response === 'begun'
    case 'reused':
      return request === 'whole' && response === 'whole'
    case 'retired':
      return request === 'none' || response === 'whole'
  }
}

/** What a legal event changes. */
function after(side: Side, event: ConnectionEvent, facts: Facts): Facts {
  const { request, response } = facts
  switch (event) {
    case 'requestHead':
      return { ...facts, request: 'begun' }
    case 'requestEnd':
      return { ...facts, request: 'whole' }
    case 'finalHead':
      return { ...facts, response: 'begun', early: request !== 'whole' }
    case 'responseEnd':
      return { ...facts, response: 'whole', retired: side === 'client' && facts.early }
    case 'switched':
    case 'connected':
      return { ...facts, isTunnel: true }
    case 'reused':
      return FRESH
    case 'retired':
      return { ...facts, retired: true }
    case 'peerClosed':
      // Half a connection is enough for a response that is owed.
      return side === 'server' && request === 'whole' && response !== 'whole' && !facts.retired
        ? facts
        : { ...facts, isClosed: true }
    case 'closed':
      return { ...facts, isClosed: true }
    case 'requestData':
    case 'informational':
    case 'responseData':
      return facts
  }
}

/** The phase that the facts amount to, in the words of both tables. */
function clientPhase({ request, response, early, ...facts }: Facts): ClientPhase {
  if (facts.isClosed) return 'closed'
  if (facts.isTunnel) return 'tunnel'
  if (facts.retired) return 'spent'
  if (response === 'whole') return 'done'
  if (response === 'begun') return early ? 'early' : 'receiving'
  return request === 'none' ? 'idle' : request === 'begun' ? 'sending' : 'awaiting'
}

function serverPhase({ request, response, ...facts }: Facts): ServerPhase {
  if (facts.isClosed) return 'closed'
  if (facts.isTunnel) return 'tunnel'
  if (facts.retired) return 'spent'
  if (response === 'whole') return request === 'whole' ? 'done' : 'draining'
  if (response === 'begun') return request === 'whole' ? 'answering' : 'answeringEarly'
  return request === 'none' ? 'idle' : request === 'begun' ? 'receiving' : 'received'
}

const TABLES = {
  client: {
    advance: advanceClient as (phase: string, event: ConnectionEvent) => string,
    phaseOf: clientPhase,
  },
  server: {
    advance: advanceServer as (phase: string, event: ConnectionEvent) => string,
    phaseOf: serverPhase,
  },
} as const

/** Mostly events that may happen, or nothing would get far; some that end it, some that may not happen. */
interface Choice {
  readonly kind: 'legal' | 'any'
  readonly at: number
}

const CHOICES = fc.array(
  fc.record<Choice>({ kind: fc.constantFrom('legal', 'legal', 'legal', 'any'), at: fc.nat() }),
  { maxLength: 60 },
)

const ENDINGS: readonly ConnectionEvent[] = ['closed', 'peerClosed', 'retired', 'switched', 'connected']

function chosen({ kind, at }: Choice, side: Side, facts: Facts): ConnectionEvent {
  const legal = EVENTS.filter((event) => isLegal(side, event, facts))
  const goesOn = legal.filter((event) => !ENDINGS.includes(event))
  const from = kind === 'any' ? EVENTS : at % 16 === 0 || goesOn.length === 0 ? legal : goesOn
  return from[at % from.length]!
}

for (const side of ['client', 'server'] as const) {
  const { advance, phaseOf } = TABLES[side]

  test(`${side}: what the model allows leads where it says, what it does not allow is refused`, () => {
    fc.assert(
      fc.property(CHOICES, (choices) => {
        let facts = FRESH
        let phase: string = 'idle'
        for (const choice of choices) {
          const event = chosen(choice, side, facts)
          if (isLegal(side, event, facts)) {
            const isInStep = facts.request === facts.response && !facts.early
            phase = advance(phase, event)
            facts = after(side, event, facts)
            expect(phase).toBe(phaseOf(facts))
            if (phase === 'idle') expect(event === 'reused' && (side === 'server' || isInStep)).toBe(true)
          } else {
            const refused = { code: 'ERR_HTTP1_ILLEGAL_EVENT', phase, event, side: 'local' }
            expect(() => advance(phase, event)).toThrow(expect.objectContaining(refused))
          }
        }
      }),
      { numRuns: 2000, seed: SEED },
    )
  })

  test(`${side}: every phase and every event, from all facts that can come about`, () => {
    const seen = new Map<string, Facts>([[JSON.stringify(FRESH), FRESH]])
    for (const facts of seen.values()) {
      const phase = phaseOf(facts)
      for (const event of EVENTS) {
        if (!isLegal(side, event, facts)) {
          expect(() => advance(phase, event), `${event} while ${phase}`).toThrow('is not legal')
          continue
        }
        const next = after(side, event, facts)
        expect(advance(phase, event), `${event} while ${phase}`).toBe(phaseOf(next))
        seen.set(JSON.stringify(next), next)
      }
    }
    expect(new Set([...seen.values()].map(phaseOf)).size).toBe(side === 'client' ? 9 : 10)
  })
}

// The two ends -----------------------------------------------------------------------------------------------------------

/** What one end does and the other end gets to know of. */
const SENT_BY: Record<Side, readonly ConnectionEvent[]> = {
  client: ['requestHead', 'requestData', 'requestEnd'],
  server: ['informational', 'finalHead', 'responseData', 'responseEnd', 'switched', 'connected'],
}
const LOCAL: readonly ConnectionEvent[] = ['reused', 'retired']

interface Sent {
  readonly event: ConnectionEvent
  /** Number of the exchange that it belongs to. */
  readonly exchange: number
}

/** Two ends, each with its own table, and what is under way between them. */
class TwoEnds {
  readonly #phases: Record<Side, string> = { client: 'idle', server: 'idle' }
  readonly #exchanges: Record<Side, number> = { client: 0, server: 0 }
  readonly #underWay: Record<Side, Sent[]> = { client: [], server: [] }

  get phases(): Readonly<Record<Side, string>> {
    return this.#phases
  }

  /** One step of one end, picked from all that can happen. */
  step(pick: number): void {
    const moves = (['client', 'server'] as const).flatMap((side) => this.#movesOf(side))
    if (moves.length > 0) moves[pick % moves.length]!()
  }

  #movesOf(side: Side): (() => void)[] {
    const moves: (() => void)[] = []
    for (const event of [...SENT_BY[side], ...LOCAL]) {
      if (this.#isLegal(side, event)) moves.push(() => this.#act(side, event))
    }
    const [next] = this.#underWay[side]
    // Another request is not looked at before the last one is done with.
    const isHeldBack = next?.event === 'requestHead' && this.#phases[side] === 'done'
    // Twice: as likely as sending, or the one end would always be far ahead.
    if (next !== undefined && !isHeldBack)
      moves.push(
        () => this.#receive(side),
        () => this.#receive(side),
      )
    return moves
  }

  #isLegal(side: Side, event: ConnectionEvent): boolean {
    try {
      TABLES[side].advance(this.#phases[side], event)
      return true
    } catch {
      return false
    }
  }

  #act(side: Side, event: ConnectionEvent): void {
    this.#phases[side] = TABLES[side].advance(this.#phases[side], event)
    if (event === 'reused') this.#exchanges[side] += 1
    const other = side === 'client' ? 'server' : 'client'
    if (event === 'retired') this.#underWay[other].push({ event: 'peerClosed', exchange: -1 })
    else if (event !== 'reused') this.#underWay[other].push({ event, exchange: this.#exchanges[side] })
  }

  #receive(side: Side): void {
    const { event, exchange } = this.#underWay[side].shift()!
    // Whoever has retired the connection reads no more of it.
    if (['spent', 'closed'].includes(this.#phases[side])) return
    if (exchange !== -1) expect(exchange, `${event} of its own exchange`).toBe(this.#exchanges[side])
    this.#phases[side] = TABLES[side].advance(this.#phases[side], event)
  }
}

test('whatever one end may do, the other one understands, in step, however long it is under way', () => {
  const reached = new Set<string>()
  fc.assert(
    fc.property(fc.array(fc.nat(), { maxLength: 120 }), (picks) => {
      const ends = new TwoEnds()
      for (const pick of picks) {
        ends.step(pick)
        reached.add(`client ${ends.phases.client}`).add(`server ${ends.phases.server}`)
      }
    }),
    { numRuns: 1000, seed: SEED },
  )
  expect(reached).toContain('client early')
  expect(reached).toContain('client tunnel')
  expect(reached).toContain('server draining')
  expect(reached).toContain('server done')
  expect(reached.size).toBe(19)
})

test('what is legal for a client is legal for a server that sees it at once', () => {
  const wire: readonly ConnectionEvent[] = [...SENT_BY.client, ...SENT_BY.server, 'reused']
  fc.assert(
    fc.property(fc.array(fc.constantFrom(...wire), { maxLength: 40 }), (events) => {
      let facts = FRESH
      let phase: ServerPhase = 'idle'
      for (const event of events) {
        if (!isLegal('client', event, facts)) continue
        facts = after('client', event, facts)
        phase = advanceServer(phase, event)
      }
    }),
    { numRuns: 1000, seed: SEED },
  )
})
