export { takeBody } from './body-decoder.ts'
export type { BodyDecoder, TakenBody } from './body-decoder.ts'
export { wholeWindow } from './byte-window.ts'
export type { ByteWindow, Decoder } from './byte-window.ts'
export { latin1Bytes } from './bytes.ts'
export { advanceClient, advanceServer } from './connection-phase.ts'
export type { ClientPhase, ConnectionEvent, ServerPhase } from './connection-phase.ts'
export { createBodyDecoder } from './create-body-decoder.ts'
export { CHUNK_END, encodeChunkHeader, encodeLastChunk } from './encode-chunk.ts'
export { encodeRequestHead, encodeResponseHead } from './encode-head.ts'
export type { RequestHeadInit, ResponseHeadInit } from './encode-head.ts'
export {
  FramingError,
  Http1Error,
  IllegalEventError,
  IncompleteBodyError,
  IncompleteHeadError,
  InvalidArgumentError,
  InvalidMessageError,
  LimitError,
  LocalProtocolError,
  NoHeadError,
  ParseError,
  RemoteProtocolError,
  UnexpectedSwitchError,
  isHttp1Error,
} from './errors.ts'
export type { Http1ErrorCode, MessagePart } from './errors.ts'
export { FieldSection } from './field-section.ts'
export type { FieldsInit, PlatformHeaders } from './field-section.ts'
export { requestFraming, responseFraming } from './framing.ts'
export type { MessageFraming, ResponseContext } from './framing.ts'
export { isFieldValue, isTarget, isToken } from './grammar.ts'
export { DEFAULT_LIMITS, resolveLimits } from './limits.ts'
export type { Http1Limits } from './limits.ts'
export { persistence } from './persistence.ts'
export type { Persistence } from './persistence.ts'
export { RequestHeadDecoder } from './request-head.ts'
export type { RequestHead } from './request-head.ts'
export { isHostValue, targetForm } from './request-target.ts'
export type { TargetForm } from './request-target.ts'
export { ResponseHeadDecoder } from './response-head.ts'
export type { ResponseHead } from './response-head.ts'
