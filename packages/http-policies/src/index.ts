export { cookies } from './cookies.ts'
export type { CookieStore } from './cookies.ts'
export { AuthenticationError, CookieStoreError } from './errors.ts'
export { CircuitOpenError, RateLimitError, ResumeError } from './errors.ts'
export { basicAuth } from './basic-auth.ts'
export type { BasicAuthOptions } from './basic-auth.ts'
export { bearerAuth } from './bearer-auth.ts'
export type { BearerAuthOptions } from './bearer-auth.ts'
export { digestAuth } from './digest-auth.ts'
export type { DigestAuthOptions } from './digest-auth.ts'
export type { QualityOfProtection } from './digest-challenge.ts'
export { compressBody } from './compress-body.ts'
export type { CompressBodyOptions } from './compress-body.ts'
export type { RequestCoding } from './request-coding.ts'
export { retry } from './retry.ts'
export type { RetryAttempt, RetryOptions } from './retry.ts'
export type { RetryBudgetOptions } from './retry-budget.ts'
export { resume } from './resume.ts'
export type { ResumeOptions } from './resume.ts'
export type { ResumeAttempt } from './resumed-body.ts'
export { circuitBreaker } from './circuit-breaker.ts'
export type { CircuitBreaker, CircuitBreakerOptions, CircuitCall, CircuitStats } from './circuit-breaker.ts'
export type { CallOutcome, CircuitState } from './circuit.ts'
export { rateLimit } from './rate-limit.ts'
export type { RateLimitOptions } from './rate-limit.ts'
export { coalesce } from './coalesce.ts'
export type { CoalesceOptions } from './coalesce.ts'
export { eventSource, EventStream } from './event-source.ts'
export type { EventSourceOptions } from './event-source.ts'
export type { ServerSentEvent } from './event-stream-parser.ts'
export { paginate, paginateItems } from './paginate.ts'
export type { Page, PaginateItemsOptions, PaginateOptions } from './paginate.ts'
export { parseLinks } from './link-header.ts'
export type { Link } from './link-header.ts'
export { recordHar } from './record-har.ts'
export type { Har, HarRecorder, RecordHarOptions } from './record-har.ts'
export type {
  HarContent,
  HarCookie,
  HarEntry,
  HarPair,
  HarPostData,
  HarRequest,
  HarResponse,
  HarTimings,
} from './har-entry.ts'
export { EventStreamError, PaginationError } from './errors.ts'
