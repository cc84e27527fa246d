import { expect, test } from 'vitest'
import { TlsSessions } from './tls-sessions.ts'

const bytes = (value: number): Uint8Array => new Uint8Array([value])
const offered = (sessions: TlsSessions, key: string): number | null =>
  sessions.begin(key).terms.session?.[0] ?? null

/** A dial that succeeds, and is given a session in the end. */
function learn(sessions: TlsSessions, key: string, value: number): void {
  const offer = sessions.begin(key)
  offer.accept()
  offer.terms.onSession(bytes(value))
}

test('a session is offered to the same host and port, the last one that came', () => {
  const sessions = new TlsSessions(10)
  expect(offered(sessions, 'a.test:443')).toBe(null)
  learn(sessions, 'a.test:443', 1)
  learn(sessions, 'a.test:443', 2)
  expect(offered(sessions, 'a.test:443')).toBe(2)
  expect(offered(sessions, 'a.test:8443')).toBe(null)
  expect(offered(sessions, 'b.test:443')).toBe(null)
})

test('a session that comes before the peer is accepted waits for that', () => {
  const sessions = new TlsSessions(10)
  const refused = sessions.begin('a.test:443')
  refused.terms.onSession(bytes(1))
  refused.refuse()
  expect(offered(sessions, 'a.test:443')).toBe(null)
  const accepted = sessions.begin('a.test:443')
  accepted.terms.onSession(bytes(2))
  expect(offered(sessions, 'a.test:443')).toBe(null)
  accepted.accept()
  expect(offered(sessions, 'a.test:443')).toBe(2)
})

test('a failed handshake drops the session that was offered', () => {
  const sessions = new TlsSessions(10)
  learn(sessions, 'a.test:443', 1)
  sessions.begin('a.test:443').refuse()
  expect(offered(sessions, 'a.test:443')).toBe(null)
})

test('the one used longest ago goes; with 0 none is kept', () => {
  const sessions = new TlsSessions(2)
  learn(sessions, 'a', 1)
  learn(sessions, 'b', 2)
  offered(sessions, 'a')
  learn(sessions, 'c', 3)
  expect([offered(sessions, 'a'), offered(sessions, 'b'), offered(sessions, 'c')]).toEqual([1, null, 3])
  const none = new TlsSessions(0)
  learn(none, 'a', 1)
  expect(offered(none, 'a')).toBe(null)
})
