/**
 * A pool driven by chance: requests of any priority that come, leave, and give back what they got; dials that succeed and fail; peers that close;
 * connections that are wanted ahead. The laws: limits hold, nobody waits while there is room, nobody is overtaken by a lower rank, nothing is left.
 */
import fc from 'fast-check'
import { expect, test } from 'vitest'
import type { H1Connection } from './h1-connection.ts'
import { settle } from './memory-server.test-support.ts'
import { PoolWorld } from './pool-world.test-support.ts'

const NAMES = ['a', 'b', 'c'] as const

type Action =
  | { readonly act: 'lease'; readonly name: string; readonly priority: number }
  | { readonly act: 'ahead'; readonly name: string; readonly at: number }
  | { readonly act: 'advance'; readonly at: number }
  | {
      readonly act: 'succeed' | 'fail' | 'use' | 'release' | 'lose' | 'leave' | 'give up'
      readonly at: number
    }

const AT = fc.nat({ max: 20 })
const ACTIONS: fc.Arbitrary<Action> = fc.oneof(
  {
    weight: 8,
    arbitrary: fc.record({
      act: fc.constant('lease' as const),
      name: fc.constantFrom(...NAMES),
      priority: fc.constantFrom(0, 0, 0, 1, -1),
    }),
  },
  {
    weight: 1,
    arbitrary: fc.record({ act: fc.constant('ahead' as const), name: fc.constantFrom(...NAMES), at: AT }),
  },
  { weight: 1, arbitrary: fc.record({ act: fc.constant('advance' as const), at: AT }) },
  {
    weight: 12,
    arbitrary: fc.record({
      act: fc.constantFrom(
        'succeed',
        'succeed',
        'succeed',
        'fail',
        'use',
        'use',
        'release',
        'lose',
        'leave',
        'give up',
      ),
      at: AT,
    }),
  },
)

interface Request {
  readonly name: string
  readonly priority: number
  readonly number: number
  readonly control: AbortController
  state: 'waiting' | 'leased' | 'over'
  connection: H1Connection | null
}

class Driver {
  readonly world: PoolWorld
  readonly limits: { readonly perOrigin: number; readonly inAll: number }
  readonly #requests: Request[] = []
  readonly #ahead: { readonly control: AbortController; isOver: boolean }[] = []

  constructor(
    limits: Driver['limits'],
    keeping: { maxRequestsPerConnection: number; maxConnectionAgeMs: number },
  ) {
    this.limits = limits
    this.world = new PoolWorld({
      ...keeping,
      maxConnectionsPerOrigin: limits.perOrigin,
      maxConnections: limits.inAll,
      idleTimeoutMs: 3000,
    })
  }

  async apply(action: Action): Promise<void> {
    if (action.act === 'lease') this.#lease(action)
    else if (action.act === 'ahead') this.#preconnect(action.name, action.at % 4)
    else if (action.act === 'advance') this.world.clock.advance(action.at * 100)
    else await this.#act(action.act, action.at)
    await settle()
    this.check()
  }

  check(): void {
    const stats = this.world.pool.stats()
    const opened = (each: typeof stats | (typeof stats.origins)[number]): number =>
      each.connecting + each.idle + each.leased + each.closing
    expect(opened(stats)).toBeLessThanOrEqual(this.limits.inAll)
    for (const each of stats.origins) {
      expect(opened(each)).toBeLessThanOrEqual(this.limits.perOrigin)
      // Nobody waits while there is room, or while a connection is idle that could be used or give way.
      const hasRoom = opened(each) < this.limits.perOrigin
      if (each.waiting > each.connecting) {
        expect(each.idle, `${each.origin} has idle ones`).toBe(0)
        if (hasRoom) expect([opened(stats), stats.idle]).toEqual([this.limits.inAll, 0])
      }
    }
    expect(stats.waiting).toBe(this.#in('waiting').length)
    expect(stats.leased).toBe(this.#in('leased').length)
    expect(stats.opened - stats.closed).toBe(stats.idle + stats.leased + stats.closing)
  }

  /** Everything that was asked for comes to an end, and nothing is left. */
  async end(): Promise<void> {
    for (let round = 0; this.#in('waiting').length > 0; round++) {
      expect(round).toBeLessThan(500)
      for (const dial of [...this.world.dials]) if (!dial.signal.aborted) dial.succeed()
      await settle()
      for (const request of this.#in('leased')) this.#release(request)
      await settle()
      this.check()
    }
    for (const request of this.#in('leased')) this.#release(request)
    this.world.pool.close()
    await settle()
    for (const dial of [...this.world.dials]) dial.fail()
    await settle()
    this.world.clock.advance(60_000)
    await settle()
    expect(this.world.pool.stats()).toMatchObject({
      connecting: 0,
      idle: 0,
      leased: 0,
      closing: 0,
      origins: [],
    })
    expect(this.#ahead.every(({ isOver }) => isOver)).toBe(true)
  }

  #in(state: Request['state']): Request[] {
    return this.#requests.filter((request) => request.state === state)
  }

  #lease({ name, priority }: { readonly name: string; readonly priority: number }): void {
    const control = new AbortController()
    const number = this.#requests.length
    const request: Request = { name, priority, number, control, state: 'waiting', connection: null }
    this.#requests.push(request)
    this.world.lease(name, { priority, signal: control.signal }).then(
      (connection) => {
        request.state = 'leased'
        request.connection = connection
        const before = this.#in('waiting').filter(
          (other) => other.name === name && goesBefore(other, request),
        )
        expect(before, `${number} was served`).toEqual([])
      },
      () => (request.state = 'over'),
    )
  }

  #preconnect(name: string, count: number): void {
    const ahead = { control: new AbortController(), isOver: false }
    this.#ahead.push(ahead)
    const over = (): boolean => (ahead.isOver = true)
    this.world.pool.preconnect(this.world.origin(name), count, ahead.control.signal).then(over, over)
  }

  async #act(act: Exclude<Action['act'], 'lease' | 'ahead' | 'advance'>, at: number): Promise<void> {
    const { dials } = this.world
    if (act === 'succeed') pick(dials, at)?.succeed()
    if (act === 'fail') pick(dials, at)?.fail()
    if (act === 'give up') pick(this.#ahead, at)?.control.abort('enough')
    if (act === 'leave') pick(this.#in('waiting'), at)?.control.abort('enough')
    const request = pick(this.#in('leased'), at)
    if (request === undefined) return
    if (act === 'release') this.#release(request)
    if (act === 'use') {
      request.state = 'over'
      await this.world.use(request.connection!)
    }
    if (act === 'lose') {
      request.state = 'over'
      request.connection?.abort(new Error('lost'))
    }
  }

  #release(request: Request): void {
    request.state = 'over'
    this.world.pool.release(request.connection!)
  }
}

function goesBefore(one: Request, other: Request): boolean {
  return one.priority === other.priority ? one.number < other.number : one.priority > other.priority
}

function pick<T>(all: readonly T[], at: number): T | undefined {
  return all[at % all.length]
}

test('whatever comes and goes: limits hold, nobody waits for nothing or is overtaken, nothing is left', async () => {
  await fc.assert(
    fc.asyncProperty(
      fc.record({ perOrigin: fc.integer({ min: 1, max: 3 }), inAll: fc.integer({ min: 1, max: 4 }) }),
      fc.record({
        maxRequestsPerConnection: fc.constantFrom(Infinity, 1, 2),
        maxConnectionAgeMs: fc.constantFrom(Infinity, 1000),
      }),
      fc.array(ACTIONS, { minLength: 5, maxLength: 50, size: 'max' }),
      async (limits, keeping, actions) => {
        const driver = new Driver(limits, keeping)
        for (const action of actions) await driver.apply(action)
        await driver.end()
      },
    ),
    { numRuns: 150, seed: 1 },
  )
}, 30_000)
