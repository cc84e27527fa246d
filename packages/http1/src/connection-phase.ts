// The life of one HTTP/1 connection, RFC 9112 section 9, as two tables: the client's and the server's. A missing
// cell is an error of the caller. Whoever holds a connection keeps its phase and assigns nothing but what
// `advanceClient` or `advanceServer` returns.
//
// Two rules on top: a phase says what may come next, never what was; `reused` leads to `idle` only from `done`,
// which is reached only where both messages ended in step.
import { IllegalEventError } from './errors.ts'

/** What happens on a connection, in either role. A client sends requests and receives responses. */
export type ConnectionEvent =
  /** A request head went out, or came in. */
  | 'requestHead'
  | 'requestData'
  /** The request is complete; follows `requestHead` at once where there is no body. */
  | 'requestEnd'
  /** A 1xx response other than 101. */
  | 'informational'
  /** The head of a final response. */
  | 'finalHead'
  | 'responseData'
  /** The response is complete; follows `finalHead` at once where there is no body. */
  | 'responseEnd'
  /** A 101 response. */
  | 'switched'
  /** A 2xx response to CONNECT. */
  | 'connected'
  /** This side goes on with another request on the connection. */
  | 'reused'
  /** This side will not use the connection again. */
  | 'retired'
  /** The peer sends no more: a clean end of its stream. */
  | 'peerClosed'
  /** The connection is gone: closed or aborted here, reset, or given up after an error. */
  | 'closed'

/** Where a client's connection stands, as the comments of its rows say; RFC 9112 section 9. */
export type ClientPhase =
  /** Between messages. */
  | 'idle'
  /** The request is being sent; no final response yet. */
  | 'sending'
  /** The request is sent; no final response yet. */
  | 'awaiting'
  /** The request is sent; the final response is coming in. */
  | 'receiving'
  /** A final response came before the request was sent whole: sending has stopped (P37). */
  | 'early'
  /** Both messages are complete, in step. */
  | 'done'
  /** The response is complete, and the connection must not be used again. */
  | 'spent'
  /** What goes back and forth is no longer HTTP. */
  | 'tunnel'
  | 'closed'

/** Where a server's connection stands; RFC 9112 section 9. */
export type ServerPhase =
  /** Between messages. */
  | 'idle'
  /** The request is coming in; no final response yet. */
  | 'receiving'
  /** The request is complete; no final response yet. */
  | 'received'
  /** The final response goes out while the request is still coming in. */
  | 'answeringEarly'
  /** The request is complete; the final response goes out. */
  | 'answering'
  /** The response is complete; the rest of the request is still coming in. */
  | 'draining'
  /** Both messages are complete, in step. */
  | 'done'
  /** The connection must not be used again. */
  | 'spent'
  /** What goes back and forth is no longer HTTP. */
  | 'tunnel'
  | 'closed'

type Moves<Phase extends string> = Readonly<Record<Phase, Readonly<Partial<Record<ConnectionEvent, Phase>>>>>

const CLIENT_MOVES: Moves<ClientPhase> = {
  idle: { requestHead: 'sending', retired: 'spent', peerClosed: 'closed', closed: 'closed' },
  sending: {
    requestData: 'sending',
    requestEnd: 'awaiting',
    informational: 'sending',
    finalHead: 'early',
    peerClosed: 'closed',
    closed: 'closed',
  },
  awaiting: {
    informational: 'awaiting',
    finalHead: 'receiving',
    switched: 'tunnel',
    connected: 'tunnel',
    peerClosed: 'closed',
    closed: 'closed',
  },
  // A body that runs to the close ends with `responseEnd`, `retired`; a bare `peerClosed` here cuts a response short.
  receiving: { responseData: 'receiving', responseEnd: 'done', peerClosed: 'closed', closed: 'closed' },
  early: { responseData: 'early', responseEnd: 'spent', peerClosed: 'closed', closed: 'closed' },
  done: { reused: 'idle', retired: 'spent', peerClosed: 'closed', closed: 'closed' },
  spent: { peerClosed: 'closed', closed: 'closed' },
  tunnel: { closed: 'closed' },
  closed: { closed: 'closed' },
}

const SERVER_MOVES: Moves<ServerPhase> = {
  idle: { requestHead: 'receiving', retired: 'spent', peerClosed: 'closed', closed: 'closed' },
  receiving: {
    requestData: 'receiving',
    requestEnd: 'received',
    informational: 'receiving',
    finalHead: 'answeringEarly',
    peerClosed: 'closed',
    closed: 'closed',
  },
  // A client may end its side once its request is out; the response is still owed to it.
  received: {
    informational: 'received',
    finalHead: 'answering',
    switched: 'tunnel',
    connected: 'tunnel',
    peerClosed: 'received',
    closed: 'closed',
  },
  answeringEarly: {
    requestData: 'answeringEarly',
    requestEnd: 'answering',
    responseData: 'answeringEarly',
    responseEnd: 'draining',
    peerClosed: 'closed',
    closed: 'closed',
  },
  answering: { responseData: 'answering', responseEnd: 'done', peerClosed: 'answering', closed: 'closed' },
  draining: {
    requestData: 'draining',
    requestEnd: 'done',
    retired: 'spent',
    peerClosed: 'closed',
    closed: 'closed',
  },
  done: { reused: 'idle', retired: 'spent', peerClosed: 'closed', closed: 'closed' },
  spent: { peerClosed: 'closed', closed: 'closed' },
  tunnel: { closed: 'closed' },
  closed: { closed: 'closed' },
}

/**
 * The phase of a client's connection after an event.
 *
 * @throws {IllegalEventError} The event is not legal in that phase.
 */
export function advanceClient(phase: ClientPhase, event: ConnectionEvent): ClientPhase {
  return advance(CLIENT_MOVES, phase, event)
}

/**
 * The phase of a server's connection after an event.
 *
 * @throws {IllegalEventError} The event is not legal in that phase.
 */
export function advanceServer(phase: ServerPhase, event: ConnectionEvent): ServerPhase {
  return advance(SERVER_MOVES, phase, event)
}

function advance<Phase extends string>(moves: Moves<Phase>, phase: Phase, event: ConnectionEvent): Phase {
  const row = moves[phase]
  const next = Object.hasOwn(row, event) ? row[event] : undefined
  if (next === undefined) throw new IllegalEventError({ phase, event })
  return next
}
