/** A session, its callers and its servers, of which one does one thing at a time; after each, everything has happened that needs no time. */
import type { MemoryConnections } from '@x/streams/memory'
import { VirtualClock } from '@x/transport/memory'
import type { MemoryLinkControl, MemoryLinkOptions } from '@x/transport/memory'
import { expect } from 'vitest'
import { ClientSession } from './index.ts'
import type { Connector, SessionOptions } from './index.ts'
import { memoryServer, settle } from './memory-server.test-support.ts'
import type { MemoryServer } from './memory-server.test-support.ts'
import { ScriptedPeer } from './scripted-peer.test-support.ts'
import type { AnswerPlan } from './scripted-peer.test-support.ts'
import { Call } from './session-call.test-support.ts'
import type { BodyKind } from './session-call.test-support.ts'

export interface WorldOptions {
  readonly connections: number
  readonly link: MemoryLinkOptions
  readonly keeping: Pick<SessionOptions, 'maxConnectionAgeMs' | 'maxRequestsPerConnection'>
}

/** `at` picks, modulo their number, one of those that can do it; where nobody can, nothing happens. */
export type Action =
  | { readonly act: 'request'; readonly method: string; readonly body: BodyKind; readonly priority: number }
  | {
      readonly act: 'answer'
      readonly at: number
      readonly plan: AnswerPlan
      readonly byteCount: number
      /** Octets behind a whole answer that nobody asked for. */
      readonly behind: 'nothing' | 'another response' | 'a line break'
    }
  | { readonly act: CallerAct | ServerAct; readonly at: number }
  | { readonly act: 'advance'; readonly ms: number }
  | { readonly act: 'next dial fails' }

export type CallerAct = 'read all' | 'read on' | 'read some' | 'send more' | 'end body' | 'abort' | 'discard'
export type ServerAct =
  | 'go on'
  | 'nonsense'
  | 'interim'
  | 'unasked'
  | 'close'
  | 'half-close'
  | 'reset'
  | 'stall'
  | 'flow'

export type Ending = 'close' | 'close at once' | 'abort'

const UNASKED = {
  nothing: '',
  'another response': 'HTTP/1.1 200 OK\r\nX-Id: evil\r\nContent-Length: 4\r\n\r\nevil',
  'a line break': '\r\n',
}

/** A server's end with the means to interfere. */
class Line {
  readonly peer: ScriptedPeer
  readonly pair: MemoryConnections
  readonly stalled = new Set<MemoryLinkControl>()
  isClosed = false

  constructor(pair: MemoryConnections) {
    this.pair = pair
    this.peer = new ScriptedPeer(pair.server)
    void pair.client.closed.then(() => (this.isClosed = true))
  }
}

export class World {
  readonly calls: Call[] = []
  readonly #lines: Line[] = []
  readonly #server: MemoryServer
  readonly #session: ClientSession
  /** The session's own; the transports have another. */
  readonly #clock = new VirtualClock()
  /** Bytes come as they were written, so that what is behind a response is seen with it. */
  readonly #isSmooth: boolean
  #nextDialFails = false

  constructor({ connections, link, keeping }: WorldOptions) {
    this.#isSmooth = Object.keys(link).length === 0
    this.#server = memoryServer(
      (_peer, index) => this.#lines.push(new Line(this.#server.pairs[index]!)),
      {},
      { link },
    )
    const connector: Connector = async (target, options) => {
      const fails = this.#nextDialFails
      this.#nextDialFails = false
      if (fails) this.#harmAll()
      if (fails) throw new Error('refused')
      return this.#server.connector(target, options)
    }
    this.#session = new ClientSession({
      connector,
      clock: this.#clock,
      maxConnectionsPerOrigin: connections,
      idleTimeoutMs: 5000,
      ...keeping,
      timeouts: { sendIdleMs: 2000, headersMs: 1000, bodyIdleMs: 1000, totalMs: 10_000 },
    })
  }

  async apply(action: Action): Promise<void> {
    const mustSettle = this.#begin(action)
    await settle()
    if (mustSettle !== undefined)
      expect(mustSettle.state, `${mustSettle.id} was answered whole`).not.toBe('waiting')
    for (const { offences } of [...this.calls, ...this.#lines.map(({ peer }) => peer)])
      expect(offences).toEqual([])
  }

  /** Ends the session; then nothing may be left of it. */
  async end(ending: Ending): Promise<void> {
    const reason = new Error('the end')
    let isClosed = false
    if (ending === 'abort') {
      for (const call of this.calls) call.endReason = reason
      this.#session.abort(reason)
    }
    for (const call of this.calls) call.isHarmed = true
    void this.#session.close({ graceMs: ending === 'close' ? 500 : 0 }).then(() => (isClosed = true))
    await settle()
    this.#advance(500)
    await settle()
    expect(isClosed, 'close() resolves').toBe(true)
    expect(this.#server.openCount(), 'open connections').toBe(0)
    expect(this.#clock.timerCount, 'timers of the session').toBe(0)
    for (const { id, state, pendingReads } of this.calls) {
      expect({ id, state, pendingReads }).toEqual({
        id,
        state: expect.not.stringMatching('waiting'),
        pendingReads: 0,
      })
    }
    await this.#letEverythingEnd()
    this.#checkSeen()
  }

  async #letEverythingEnd(): Promise<void> {
    // Both ends of the transport may still wait for each other, within their own limits.
    for (const { pair } of this.#lines)
      for (const link of [pair.clientToServer, pair.serverToClient]) link.flow()
    for (let round = 0; round < 3; round++) {
      this.#advance(60_000)
      await settle()
    }
    expect(this.#lines.filter(({ isClosed }) => !isClosed).length, 'connections that are not over').toBe(0)
    expect(this.#server.clock.timerCount, 'timers of the transports').toBe(0)
    for (const { offences } of [...this.calls, ...this.#lines.map(({ peer }) => peer)])
      expect(offences).toEqual([])
  }

  #checkSeen(): void {
    const seen = this.#lines.flatMap(({ peer }) => peer.seen)
    for (const { id, maxSeen } of this.calls) {
      const count = seen.filter((other) => other === id).length
      expect(count <= maxSeen, `${id} was sent ${count} times`).toBe(true)
    }
  }

  /** @returns The request that has to be settled when everything has happened. */
  #begin(action: Action): Call | undefined {
    switch (action.act) {
      case 'request': {
        const call = new Call(`r${this.calls.length}`, action.method, action.body, action.priority)
        // What was done to a stalled line may come to it later.
        call.isHarmed = this.#lines.some(({ stalled }) => stalled.size > 0)
        this.calls.push(call)
        call.start(this.#session)
        return undefined
      }
      case 'answer':
        return this.#answer(action)
      case 'advance':
        if (action.ms > 1) this.#harmAll()
        this.#advance(action.ms)
        return undefined
      case 'next dial fails':
        this.#nextDialFails = true
        return undefined
      case 'read all':
      case 'read on':
      case 'read some':
      case 'send more':
      case 'end body':
      case 'abort':
      case 'discard':
        this.#callerActs(action.act, action.at)
        return undefined
      case 'go on':
      case 'nonsense':
      case 'interim':
      case 'unasked':
      case 'close':
      case 'half-close':
      case 'reset':
      case 'stall':
      case 'flow':
        this.#serverActs(action.act, action.at)
        return undefined
    }
  }

  #answer({ at, plan, byteCount, behind }: Extract<Action, { act: 'answer' }>): Call | undefined {
    const line = pick(this.#lines, at, ({ peer }) => peer.canAnswer)
    const id = line?.peer.pending?.id
    if (line === undefined) return undefined
    line.peer.answer(plan, byteCount)
    if (byteCount !== Infinity) return undefined
    if (this.#isSmooth && line.stalled.size === 0) line.peer.write(UNASKED[behind])
    return line.stalled.size === 0 ? this.calls.find((call) => call.id === id) : undefined
  }

  #callerActs(act: CallerAct, at: number): void {
    const { calls } = this
    if (act === 'read all') pick(calls, at, (call) => call.canRead)?.readAll()
    if (act === 'read on') pick(calls, at, (call) => call.canRead)?.readOn()
    if (act === 'read some') pick(calls, at, (call) => call.canReadSome)?.readSome()
    if (act === 'send more') pick(calls, at, (call) => call.canStream)?.stream('y'.repeat(at * 100))
    if (act === 'end body') pick(calls, at, (call) => call.canStream)?.stream(null)
    if (act === 'discard') pick(calls, at, (call) => call.canDiscard)?.discard()
    if (act === 'abort') pick(calls, at, () => true)?.abort()
  }

  #serverActs(act: ServerAct, at: number): void {
    const lines = this.#lines.filter(({ isClosed, peer }) => !isClosed && peer.canWrite)
    if (act === 'go on') pick(lines, at, ({ peer }) => peer.canGoOn)?.peer.goOn()
    if (act === 'interim')
      pick(lines, at, ({ peer }) => peer.canAnswer)?.peer.write('HTTP/1.1 103 Early Hints\r\n\r\n')
    if (act === 'unasked' && this.#isSmooth) {
      const quiet = pick(lines, at, ({ peer, stalled }) => peer.pending === null && stalled.size === 0)
      quiet?.peer.write(UNASKED[at % 2 === 0 ? 'another response' : 'a line break'])
    }
    if (act === 'nonsense')
      this.#harmed(pick(lines, at, ({ peer }) => peer.canAnswer))?.peer.write('NONSENSE\r\n')
    if (act === 'close') this.#harmed(pick(lines, at, ({ peer }) => peer.canEnd))?.peer.close()
    if (act === 'half-close') this.#harmed(pick(lines, at, ({ peer }) => peer.canEnd))?.peer.end()
    if (act === 'reset') this.#harmed(pick(lines, at, () => true))?.pair.serverToClient.reset()
    if (act === 'stall' || act === 'flow') this.#interfere(act, this.#harmed(pick(lines, at, () => true)), at)
  }

  /** What runs on this line may fail now, or what the line stood for has not been taken by the client yet. */
  #harmed(line: Line | undefined): Line | undefined {
    if (line !== undefined && line.stalled.size > 0) this.#harmAll()
    for (const id of line?.peer.seen ?? []) {
      const call = this.calls.find((other) => other.id === id)
      if (call !== undefined) call.isHarmed = true
    }
    return line
  }

  #harmAll(): void {
    for (const call of this.calls) call.isHarmed = true
  }

  #advance(ms: number): void {
    this.#clock.advance(ms)
    this.#server.clock.advance(ms)
  }

  #interfere(act: 'stall' | 'flow', line: Line | undefined, at: number): void {
    if (line === undefined) return
    const link = at % 2 === 0 ? line.pair.serverToClient : line.pair.clientToServer
    link[act]()
    if (act === 'stall') line.stalled.add(link)
    else line.stalled.delete(link)
  }
}

function pick<T>(all: readonly T[], at: number, can: (one: T) => boolean): T | undefined {
  const able = all.filter(can)
  return able[at % able.length]
}
