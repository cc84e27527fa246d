import { memoryConnections } from '@x/streams/memory'
import type { MemoryConnections } from '@x/streams/memory'
import { VirtualClock } from '@x/transport/memory'
import { expect, test } from 'vitest'
import { Deadlines } from './deadlines.ts'
import { DialFailure, Dialler, DialTimeout } from './dialling.ts'
import type { Dialled, DialTimeouts } from './dialling.ts'
import { connectFailure } from './failure.ts'
import type { DialOwner } from './failure.ts'
import type { ByteStream, Connector, DialPhase } from './ports.ts'
import { settle } from './memory-server.test-support.ts'

const TARGET = { host: 'a.test', port: 443, secure: true }
const TIMEOUTS: DialTimeouts = { dnsMs: 10, connectMs: 20, tlsMs: 30 }

/** One dial whose connector does what the test says. */
class World {
  readonly clock = new VirtualClock()
  readonly pair: MemoryConnections = memoryConnections()
  readonly control = new AbortController()
  readonly told: DialPhase[] = []
  enter!: (phase: DialPhase) => void
  succeed!: () => void
  fail!: (error: unknown) => void
  /** Of the dial: what it was settled with. */
  outcome: unknown = 'waiting'
  readonly dial: Promise<Dialled>

  /** @param kind Whether the connector rejects when its signal is aborted. */
  constructor(kind: 'obedient' | 'deaf' = 'obedient', timeouts: DialTimeouts = TIMEOUTS) {
    const connector: Connector = (_target, { signal, onPhase }) =>
      new Promise<ByteStream>((resolve, reject) => {
        this.enter = (phase) => onPhase?.(phase)
        this.succeed = () => resolve(this.pair.client)
        this.fail = reject
        if (kind === 'obedient') signal.addEventListener('abort', () => reject(signal.reason))
      })
    const dialler = new Dialler(connector, new Deadlines(this.clock), timeouts)
    this.dial = dialler.dial(TARGET, this.control, (phase) => this.told.push(phase))
    this.dial.then(
      (dialled) => (this.outcome = dialled),
      (error: unknown) => (this.outcome = error),
    )
  }

  async after(ms: number): Promise<unknown> {
    this.clock.advance(ms)
    await settle()
    return this.outcome
  }
}

/** What a request would be told. */
function owner(): DialOwner {
  const self: DialOwner = {
    cancelled: null,
    phase: 'queue',
    facts: () => ({
      method: 'GET',
      url: 'https://a.test/',
      phase: self.phase,
      retriable: 'safe',
      sent: 'none',
      attempts: 0,
      elapsedMs: 0,
    }),
  }
  return self
}

const LIMITS: { phases: DialPhase[]; phase: DialPhase; limitMs: number; code: string }[] = [
  { phases: [], phase: 'connect', limitMs: 20, code: 'CONNECT' },
  { phases: ['dns'], phase: 'dns', limitMs: 10, code: 'DNS' },
  { phases: ['dns', 'connect'], phase: 'connect', limitMs: 20, code: 'CONNECT' },
  { phases: ['dns', 'connect', 'tls'], phase: 'tls', limitMs: 30, code: 'TLS' },
  { phases: ['connect', 'proxy'], phase: 'proxy', limitMs: 20, code: 'CONNECT' },
  { phases: ['connect', 'tls', 'proxy', 'tls'], phase: 'tls', limitMs: 30, code: 'TLS' },
]

for (const { phases, phase, limitMs, code } of LIMITS) {
  for (const kind of ['obedient', 'deaf'] as const) {
    test(`a time limit: ${['start', ...phases].join(', ')}, a connector that is ${kind}`, async () => {
      const world = new World(kind)
      for (const each of phases) {
        expect(await world.after(5)).toBe('waiting')
        world.enter(each)
      }
      expect(await world.after(limitMs - 0.5)).toBe('waiting')
      const failure = await world.after(0.5)
      expect(failure).toBeInstanceOf(DialFailure)
      expect(failure).toMatchObject({ phase, cause: { code: 'ERR_HTTP_DIAL_TIMEOUT', phase, limitMs } })
      expect(world.control.signal.reason).toBeInstanceOf(DialTimeout)
      expect(world.told).toEqual(phases)
      expect(world.clock.timerCount).toBe(0)
      expect(connectFailure(owner(), failure)).toMatchObject({
        name: 'TimeoutError',
        code: `ERR_HTTP_TIMEOUT_${code}`,
        phase,
        limit: limitMs,
      })
    })
  }
}

test('each step has its limit from its own beginning', async () => {
  const world = new World()
  expect(await world.after(19)).toBe('waiting')
  world.enter('dns')
  expect(await world.after(9)).toBe('waiting')
  world.enter('connect')
  expect(await world.after(19)).toBe('waiting')
  world.enter('tls')
  expect(await world.after(29)).toBe('waiting')
  world.succeed()
  expect(await world.after(0)).toMatchObject({
    stream: world.pair.client,
    timings: { startedAt: 0, dnsAt: 19, connectAt: 28, proxyAt: null, tlsAt: 47, connectedAt: 76 },
  })
  expect(world.clock.timerCount).toBe(0)
  expect(world.control.signal.aborted).toBe(false)
})

test('timings of a connector that tells nothing, and of a proxy with TLS on both ways', async () => {
  const silent = new World()
  silent.succeed()
  expect(await silent.after(0)).toMatchObject({
    timings: { startedAt: 0, dnsAt: null, connectAt: null, proxyAt: null, tlsAt: null, connectedAt: 0 },
  })
  const proxied = new World()
  for (const phase of ['dns', 'connect', 'tls', 'proxy', 'tls'] as const) {
    await proxied.after(1)
    proxied.enter(phase)
  }
  proxied.succeed()
  expect(await proxied.after(0)).toMatchObject({
    timings: { dnsAt: 1, connectAt: 2, proxyAt: 4, tlsAt: 5, connectedAt: 5 },
  })
})

test('Infinity: no timer, no limit', async () => {
  const world = new World('obedient', { dnsMs: Infinity, connectMs: Infinity, tlsMs: Infinity })
  world.enter('dns')
  expect(await world.after(1e12)).toBe('waiting')
  expect(world.clock.timerCount).toBe(0)
  world.succeed()
  expect(await world.after(0)).toMatchObject({ stream: world.pair.client })
})

test('a connection that comes after the time limit is aborted; a late step has no effect', async () => {
  const world = new World('deaf')
  const failure = await world.after(20)
  expect(failure).toBeInstanceOf(DialFailure)
  world.enter('tls')
  world.succeed()
  await world.after(1000)
  expect(world.outcome).toBe(failure)
  expect(world.told).toEqual([])
  expect(world.clock.timerCount).toBe(0)
  expect(await world.pair.client.closed).toMatchObject({
    reason: 'aborted',
    cause: world.control.signal.reason,
  })
})

test('an abort: what the connector rejects with; one that does not hear it has until the time limit', async () => {
  const reason = new Error('enough')
  const world = new World()
  world.enter('tls')
  world.control.abort(reason)
  expect(await world.after(0)).toMatchObject({ name: 'DialFailure', phase: 'tls', cause: reason })
  expect(world.clock.timerCount).toBe(0)
  const deaf = new World('deaf')
  deaf.control.abort(reason)
  expect(await deaf.after(19)).toBe('waiting')
  expect(await deaf.after(1)).toMatchObject({ name: 'DialFailure', cause: { name: 'DialTimeout' } })
  expect(deaf.control.signal.reason).toBe(reason)
})

test('a connector that throws at once', async () => {
  const thrown = new Error('broken')
  const dialler = new Dialler(
    () => {
      throw thrown
    },
    new Deadlines(new VirtualClock()),
    TIMEOUTS,
  )
  await expect(dialler.dial(TARGET, new AbortController())).rejects.toMatchObject({
    phase: 'connect',
    cause: thrown,
  })
})

const FAILURES: {
  name: string
  phase: DialPhase
  cause: unknown
  told: { name: string; code: string; phase: string }
}[] = [
  {
    name: 'a name without an address',
    phase: 'dns',
    cause: { code: 'ERR_TRANSPORT_DNS_NOTFOUND' },
    told: { name: 'DnsError', code: 'ERR_HTTP_DNS_NOTFOUND', phase: 'dns' },
  },
  {
    name: 'a resolver that fails, not told by the connector',
    phase: 'connect',
    cause: { code: 'ERR_TRANSPORT_DNS_FAILED' },
    told: { name: 'DnsError', code: 'ERR_HTTP_DNS_FAILED', phase: 'dns' },
  },
  {
    name: 'no address answers',
    phase: 'connect',
    cause: { code: 'ERR_TRANSPORT_CONNECT_FAILED' },
    told: { name: 'ConnectError', code: 'ERR_HTTP_CONNECT_FAILED', phase: 'connect' },
  },
  {
    name: 'a certificate',
    phase: 'tls',
    cause: { code: 'ERR_TRANSPORT_TLS_CERT' },
    told: { name: 'TlsError', code: 'ERR_HTTP_TLS_CERT', phase: 'tls' },
  },
  {
    name: 'TLS options that are none',
    phase: 'connect',
    cause: { code: 'ERR_TRANSPORT_TLS_CONTEXT' },
    told: { name: 'TlsError', code: 'ERR_HTTP_TLS_HANDSHAKE', phase: 'tls' },
  },
  {
    name: 'the transport’s own limit',
    phase: 'connect',
    cause: { code: 'ERR_TRANSPORT_TIMEOUT', phase: 'dns', limitMs: 5 },
    told: { name: 'TimeoutError', code: 'ERR_HTTP_TIMEOUT_DNS', phase: 'dns' },
  },
  {
    name: 'a blocked address',
    phase: 'dns',
    cause: { code: 'ERR_HTTP_ADDRESS_BLOCKED' },
    told: { name: 'ConnectError', code: 'ERR_HTTP_ADDRESS_BLOCKED', phase: 'connect' },
  },
  {
    name: 'a proxy that refuses',
    phase: 'proxy',
    cause: { code: 'ERR_PROXY_STATUS' },
    told: { name: 'ProxyError', code: 'ERR_HTTP_PROXY_STATUS', phase: 'proxy' },
  },
  {
    name: 'a proxy that wants a password, not told by the connector',
    phase: 'connect',
    cause: { code: 'ERR_PROXY_AUTH' },
    told: { name: 'ProxyError', code: 'ERR_HTTP_PROXY_AUTH', phase: 'proxy' },
  },
  {
    name: 'a proxy that cannot connect',
    phase: 'proxy',
    cause: { code: 'ERR_PROXY_REPLY' },
    told: { name: 'ConnectError', code: 'ERR_HTTP_CONNECT_FAILED', phase: 'proxy' },
  },
  {
    name: 'something else, in the handshake',
    phase: 'tls',
    cause: new Error('odd'),
    told: { name: 'ConnectError', code: 'ERR_HTTP_CONNECT_FAILED', phase: 'tls' },
  },
  {
    name: 'nothing at all',
    phase: 'connect',
    cause: undefined,
    told: { name: 'ConnectError', code: 'ERR_HTTP_CONNECT_FAILED', phase: 'connect' },
  },
]

for (const { name, phase, cause, told } of FAILURES) {
  test(`what a request is told of ${name}`, () => {
    expect(connectFailure(owner(), new DialFailure(phase, cause))).toMatchObject({ ...told, cause })
  })
}

test('what a request is told: its own end first; a failure that no dial has wrapped', () => {
  const reason = new Error('enough')
  expect(connectFailure({ ...owner(), cancelled: { reason } }, new DialFailure('tls', 'x'))).toBe(reason)
  expect(connectFailure(owner(), { code: 'ERR_TRANSPORT_TLS_CERT' })).toMatchObject({ phase: 'tls' })
})
