import type { CloseReason } from './protocol.ts'

/**
 * How far a connection is closed.
 *
 * - `open`: both directions.
 * - `peerEnded`: half-open, the peer sends no more; this end may.
 * - `writeEnded`: half-open, this end sends no more; the peer may.
 * - `flushing`: what is written is still on its way out, then the connection is freed.
 * - `handedOver`: `startTls` has taken the socket.
 * - `lost`: over, or freed in this moment.
 */
export type Phase = 'open' | 'peerEnded' | 'writeEnded' | 'flushing' | 'handedOver' | 'lost'

/** What moves it. `peerEofHalfOpen` is `peerEof` where half-open was asked for. */
export type ClosingEvent = 'peerEof' | 'peerEofHalfOpen' | 'writeEof' | 'close' | 'handOver' | 'lose'

// Every cell is decided: whatever a caller does twice or too late must be harmless.
const MOVES: Record<Phase, Record<ClosingEvent, Phase>> = {
  open: {
    peerEof: 'flushing',
    peerEofHalfOpen: 'peerEnded',
    writeEof: 'writeEnded',
    close: 'flushing',
    handOver: 'handedOver',
    lose: 'lost',
  },
  peerEnded: {
    peerEof: 'peerEnded',
    peerEofHalfOpen: 'peerEnded',
    writeEof: 'flushing',
    close: 'flushing',
    handOver: 'peerEnded', // no handshake is possible with a peer that sends no more
    lose: 'lost',
  },
  writeEnded: {
    peerEof: 'flushing',
    peerEofHalfOpen: 'flushing',
    writeEof: 'writeEnded',
    close: 'flushing',
    handOver: 'writeEnded',
    lose: 'lost',
  },
  flushing: {
    peerEof: 'flushing',
    peerEofHalfOpen: 'flushing',
    writeEof: 'flushing',
    close: 'flushing',
    handOver: 'flushing',
    lose: 'lost',
  },
  handedOver: {
    peerEof: 'handedOver',
    peerEofHalfOpen: 'handedOver',
    writeEof: 'handedOver',
    close: 'handedOver',
    handOver: 'handedOver',
    lose: 'lost',
  },
  lost: {
    peerEof: 'lost',
    peerEofHalfOpen: 'lost',
    writeEof: 'lost',
    close: 'lost',
    handOver: 'lost',
    lose: 'lost',
  },
}

/** The phase after `event`. Nobody else assigns phases. */
export function advance(phase: Phase, event: ClosingEvent): Phase {
  return MOVES[phase][event]
}

/** True where a new write goes on the wire. */
export function acceptsWrites(phase: Phase): boolean {
  return phase === 'open' || phase === 'peerEnded'
}

/** True where the protocol still gets bytes. */
export function acceptsBytes(phase: Phase): boolean {
  return phase === 'open' || phase === 'writeEnded'
}

/** True where nothing can be started any more. */
export function isClosingPhase(phase: Phase): boolean {
  return phase === 'flushing' || phase === 'handedOver' || phase === 'lost'
}

/**
 * Why a write that is not accepted has to throw; undefined where it is dropped in silence.
 *
 * Silence only where the caller could not know: the peer or an error ended the connection, and `connectionLost` says so.
 */
export function writeRefusal(
  phase: Phase,
  reason: CloseReason | undefined,
  eofWritten: 'eof written' | 'eof not written',
): string | undefined {
  if (phase === 'handedOver') return 'the connection was handed to startTls'
  if (reason?.reason === 'closed') return 'the transport was closed'
  if (reason?.reason === 'aborted') return 'the transport was aborted'
  if (eofWritten === 'eof written') return 'writeEof() was called'
  return undefined
}
