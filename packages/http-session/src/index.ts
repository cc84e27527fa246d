export { ClientSession } from './session.ts'
export type { PreconnectOptions, SessionCloseOptions } from './session.ts'
export type { OriginStats, PoolCounts, PoolStats } from './pool-stats.ts'
export { ClientRequest } from './client-request.ts'
export type { RequestChanges, ResponseInit } from './client-request.ts'
export type { Middleware, Next } from './middleware.ts'
export { followRedirects } from './follow-redirects.ts'
export type { ResponsePromise } from './response-promise.ts'
export type { ThrowOnStatus } from './status-policy.ts'
export type { QueryInit, QueryValue } from './query.ts'
export type { MultipartInit, MultipartPart, MultipartValue } from './multipart-record.ts'
export type { ConnectOptions, RequestOptions } from './request-options.ts'
export type { SessionOptions, SharedOptions } from './session-options.ts'
export type { DialTimeouts } from './dialling.ts'
export type { FetchInit } from './fetch.ts'
export type { InformationalResponse, Timeouts } from './exchange.ts'
export type {
  ConnectionClosed,
  RequestEvent,
  RequestStep,
  ResponseTimings,
  TraceEvent,
  TraceListener,
} from './trace.ts'
export type { Progress } from './progress.ts'
export type { Redirect, RedirectOptions } from './redirect-chain.ts'
export type { RedirectRefusal } from './redirect.ts'
export type { RequestInit } from './request.ts'
export type { HeadersInit } from './request-fields.ts'
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
  DialOptions,
  DialPhase,
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
  ProxyError,
  QueueError,
  RedirectError,
  SessionClosedError,
  RequestError,
  StatusError,
  TimeoutError,
  TlsError,
  UsageError,
} from './errors.ts'
export type { Phase, RequestFacts, Retriable, Sent } from './errors.ts'
