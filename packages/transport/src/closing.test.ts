import { expect, test } from 'vitest'
import { acceptsBytes, acceptsWrites, advance, isClosingPhase, writeRefusal } from './closing.ts'
import type { ClosingEvent, Phase } from './closing.ts'
import type { CloseReason } from './protocol.ts'

const PHASES: Phase[] = ['open', 'peerEnded', 'writeEnded', 'flushing', 'handedOver', 'lost']
const EVENTS: ClosingEvent[] = ['peerEof', 'peerEofHalfOpen', 'writeEof', 'close', 'handOver', 'lose']

const WAYS: { name: string; events: ClosingEvent[]; phases: Phase[] }[] = [
  { name: 'closed here', events: ['close', 'lose'], phases: ['flushing', 'lost'] },
  {
    name: 'B25 closed twice, then ended',
    events: ['close', 'close', 'writeEof'],
    phases: ['flushing', 'flushing', 'flushing'],
  },
  { name: 'B05 ended by the peer', events: ['peerEof', 'lose'], phases: ['flushing', 'lost'] },
  {
    name: 'B06 ended by the peer, half-open',
    events: ['peerEofHalfOpen', 'writeEof'],
    phases: ['peerEnded', 'flushing'],
  },
  {
    name: 'ended here, then by the peer',
    events: ['writeEof', 'writeEof', 'peerEof'],
    phases: ['writeEnded', 'writeEnded', 'flushing'],
  },
  { name: 'B22 lost twice', events: ['lose', 'lose'], phases: ['lost', 'lost'] },
  {
    name: 'handed over, then lost',
    events: ['handOver', 'close', 'lose'],
    phases: ['handedOver', 'handedOver', 'lost'],
  },
]

for (const { name, events, phases } of WAYS) {
  test(`closing: ${name}`, () => {
    let phase: Phase = 'open'
    expect(events.map((event) => (phase = advance(phase, event)))).toEqual(phases)
  })
}

test('closing: nothing leads back, and lost is for ever', () => {
  const rank = (phase: Phase): number =>
    ['open', 'peerEnded', 'writeEnded', 'handedOver', 'flushing', 'lost'].indexOf(phase)
  for (const phase of PHASES) {
    for (const event of EVENTS) {
      const next = advance(phase, event)
      expect(rank(next), `${phase} ${event}`).toBeGreaterThanOrEqual(rank(phase))
      expect(next === 'lost', `${phase} ${event}`).toBe(phase === 'lost' || event === 'lose')
    }
  }
})

test('closing: what each phase takes', () => {
  const row = (phase: Phase): boolean[] => [acceptsWrites(phase), acceptsBytes(phase), isClosingPhase(phase)]
  expect(Object.fromEntries(PHASES.map((phase) => [phase, row(phase)]))).toEqual({
    open: [true, true, false],
    peerEnded: [true, false, false],
    writeEnded: [false, true, false],
    flushing: [false, false, true],
    handedOver: [false, false, true],
    lost: [false, false, true],
  })
})

const REFUSALS: {
  name: string
  phase: Phase
  reason?: CloseReason['reason']
  eof?: true
  throws: boolean
}[] = [
  { name: 'B15 B16 B17 closed here', phase: 'flushing', reason: 'closed', throws: true },
  { name: 'closed here and gone', phase: 'lost', reason: 'closed', throws: true },
  { name: 'aborted here', phase: 'lost', reason: 'aborted', throws: true },
  { name: 'B14 ended here', phase: 'writeEnded', eof: true, throws: true },
  { name: 'B14 ended here, then by the peer', phase: 'lost', reason: 'eof', eof: true, throws: true },
  { name: 'handed to startTls', phase: 'handedOver', throws: true },
  { name: 'ended by the peer', phase: 'flushing', reason: 'eof', throws: false },
  { name: 'B20 broken', phase: 'lost', reason: 'error', throws: false },
]

for (const { name, phase, reason, eof, throws } of REFUSALS) {
  test(`a write is refused: ${name}`, () => {
    const refusal = writeRefusal(phase, reason && { reason }, eof ? 'eof written' : 'eof not written')
    expect(refusal !== undefined).toBe(throws)
  })
}
