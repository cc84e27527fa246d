export { ClientSession } from './session.ts'
export type { SessionCloseOptions } from './session.ts'
export type { ConnectOptions, RequestOptions } from './request-options.ts'
export type { SessionOptions } from './session-options.ts'
export type { InformationalResponse, Timeouts } from './exchange.ts'
export type { Progress } from './progress.ts'
export type { Redirect, RedirectOptions } from './redirect-chain.ts'
export type { RedirectRefusal } from './redirect.ts'
export type { RequestInit } from './request.ts'
export type { BodyContent, BodyInit } from './request-body.ts'
export type { BodyChunks } from './body-kinds.ts'
export type { TrailersInit } from './request-trailers.ts'
export { ClientResponse } from './response.ts'
export type { BodyLineOptions, BodyReader, BodyReaderOptions } from './body-reader.ts'
export type { ContentDecodingOption } from './content-decoding.ts'
export type { ContentDecodingLimits } from './decoding-limits.ts'
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
