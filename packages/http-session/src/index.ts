export { ClientSession } from './session.ts'
export type { ConnectOptions, RequestOptions, SessionCloseOptions } from './session.ts'
export type { SessionOptions } from './session-options.ts'
export type { InformationalResponse, Timeouts } from './exchange.ts'
export type { Redirect, RedirectOptions } from './redirect-chain.ts'
export type { RedirectRefusal } from './redirect.ts'
export type { RequestInit } from './request.ts'
export type { BodyInit, BodySource } from './request-body.ts'
export { ClientResponse } from './response.ts'
export type {
  ByteReader,
  ByteStream,
  ByteWindow,
  ByteWriter,
  Clock,
  CloseReason,
  Connector,
  ConnectTarget,
  Decoder,
  StopTimer,
} from './ports.ts'
export {
  BodyError,
  ConnectError,
  ConnectionLostError,
  DnsError,
  HttpSessionError,
  isHttpSessionError,
  ProtocolError,
  QueueError,
  RedirectError,
  RequestError,
  TimeoutError,
  TlsError,
  UsageError,
} from './errors.ts'
export type { Phase, RequestFacts, Retriable, Sent } from './errors.ts'
