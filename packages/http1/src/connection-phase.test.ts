import { expect, test } from 'vitest'
import { advanceClient, advanceServer } from './connection-phase.ts'
import type { ClientPhase, ConnectionEvent, ServerPhase } from './connection-phase.ts'

const PATHS: { name: string; events: ConnectionEvent[]; client: ClientPhase; server: ServerPhase }[] = [
  {
    name: 'an exchange with bodies, then another',
    events: [
      'requestHead',
      'requestData',
      'requestEnd',
      'finalHead',
      'responseData',
      'responseEnd',
      'reused',
    ],
    client: 'idle',
    server: 'idle',
  },
  {
    name: 'an exchange without bodies, then retired',
    events: ['requestHead', 'requestEnd', 'finalHead', 'responseEnd', 'retired', 'closed'],
    client: 'closed',
    server: 'closed',
  },
  {
    name: 'P29 1xx before and after the end of the request',
    events: [
      'requestHead',
      'informational',
      'requestData',
      'requestEnd',
      'informational',
      'informational',
      'finalHead',
    ],
    client: 'receiving',
    server: 'answering',
  },
  { name: 'P31 101', events: ['requestHead', 'requestEnd', 'switched'], client: 'tunnel', server: 'tunnel' },
  {
    name: 'P31 2xx to CONNECT',
    events: ['requestHead', 'requestEnd', 'connected'],
    client: 'tunnel',
    server: 'tunnel',
  },
  {
    name: 'P37 an early final response',
    events: ['requestHead', 'requestData', 'finalHead', 'responseData', 'responseEnd'],
    client: 'spent',
    server: 'draining',
  },
  { name: 'the peer closes an idle connection', events: ['peerClosed'], client: 'closed', server: 'closed' },
  {
    name: 'P22 the peer closes inside the request',
    events: ['requestHead', 'peerClosed'],
    client: 'closed',
    server: 'closed',
  },
  {
    name: 'the peer ends its side before the response',
    events: ['requestHead', 'requestEnd', 'peerClosed'],
    client: 'closed',
    server: 'received',
  },
]

for (const { name, events, client, server } of PATHS) {
  test(`${name}: leads where it should`, () => {
    expect(events.reduce(advanceClient, 'idle' as ClientPhase)).toBe(client)
    expect(events.reduce(advanceServer, 'idle' as ServerPhase)).toBe(server)
  })
}

test('P37 a client sends nothing more after an early response, and never reuses the connection', () => {
  for (const event of ['requestData', 'requestEnd', 'reused', 'informational'] as const) {
    expect(() => advanceClient('early', event)).toThrow(`"${event}" is not legal while early`)
  }
  expect(() => advanceClient('spent', 'reused')).toThrow('not legal')
})

test('a server that answered early may drain the request, and then go on in step', () => {
  const events: ConnectionEvent[] = ['requestData', 'requestEnd', 'reused']
  expect(events.reduce(advanceServer, 'draining' as ServerPhase)).toBe('idle')
})

const CLIENT: ClientPhase[] = [
  'idle',
  'sending',
  'awaiting',
  'receiving',
  'early',
  'done',
  'spent',
  'tunnel',
  'closed',
]
const SERVER: ServerPhase[] = [
  'idle',
  'receiving',
  'received',
  'answeringEarly',
  'answering',
  'draining',
  'done',
  'spent',
  'tunnel',
  'closed',
]

test('every phase can be closed; closed stays closed; a tunnel knows no HTTP', () => {
  for (const phase of CLIENT) expect(advanceClient(phase, 'closed')).toBe('closed')
  for (const phase of SERVER) expect(advanceServer(phase, 'closed')).toBe('closed')
  for (const event of ['requestHead', 'finalHead', 'reused', 'peerClosed'] as const) {
    expect(() => advanceClient('tunnel', event)).toThrow('not legal')
    expect(() => advanceServer('closed', event)).toThrow('not legal')
  }
})

test('what is illegal is an error with phase and event', () => {
  expect(() => advanceClient('idle', 'finalHead')).toThrow(
    expect.objectContaining({
      code: 'ERR_HTTP1_ILLEGAL_EVENT',
      phase: 'idle',
      event: 'finalHead',
      side: 'local',
    }),
  )
  expect(() => advanceServer('idle', 'toString' as ConnectionEvent)).toThrow('not legal')
})
