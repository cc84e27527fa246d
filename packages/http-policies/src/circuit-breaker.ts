import type { ClientRequest, ClientResponse, Middleware, Next } from '@x/http-session'
import { ByOrigin } from './by-origin.ts'
import { outcomeOf } from './call-outcome.ts'
import { Circuit } from './circuit.ts'
import type { CallOutcome, CircuitState } from './circuit.ts'
import { CircuitOpenError } from './errors.ts'
import { checkCount, checkFunction, checkNumber, invalidOption, refuseUnknown } from './options.ts'
import { named } from './named.ts'

/** A call that has ended. */
export interface CircuitCall {
  /** What was sent. */
  readonly request: ClientRequest
  /** `null`: it has failed. Its body is the caller's: not to be read here. */
  readonly response: ClientResponse | null
  /** What it has failed with, or `undefined`. */
  readonly error: unknown
}

/** When a circuit opens, and for how long. */
export interface CircuitBreakerOptions {
  /** The share of failures that opens a circuit, above 0 and up to 1. Default 0.5. */
  failureRate?: number
  /** Fewer calls within `windowMs` open nothing. Default 20. */
  minimumCalls?: number
  /** Time over which calls are counted, in tenths of it. Milliseconds; default 30,000. */
  windowMs?: number
  /** How long an open circuit refuses all calls. Milliseconds; default 30,000. */
  openMs?: number
  /** Calls that a half-open circuit lets through, and that must all succeed to close it. Default 1. */
  probes?: number
  /**
   * Origins that are told apart; of more, the one that was called longest ago is forgotten, but none with calls on their way: while there are more
   * of those, all are kept. Default 1,000.
   */
  maxOrigins?: number
  /** What a call says about its origin. Default: see `circuitBreaker`. What it throws the call rejects with. */
  outcomeOf?: (call: CircuitCall) => CallOutcome
}

/** How an origin does, as of the last call to it. */
export interface CircuitStats {
  /** Scheme, host and port. */
  readonly origin: string
  /** An open circuit becomes half-open with the first call after `openMs`. */
  readonly state: CircuitState
  /** Calls that were counted within the window, while it is closed. */
  readonly calls: number
  /** Of them, those that have failed. */
  readonly failures: number
}

/** A middleware that tells how the origins do. */
export interface CircuitBreaker extends Middleware {
  /** One entry for each origin that is remembered, the one that was called last at the end. */
  stats(): readonly CircuitStats[]
}

const KNOWN: ReadonlySet<string> = new Set<keyof CircuitBreakerOptions>([
  'failureRate',
  'minimumCalls',
  'windowMs',
  'openMs',
  'probes',
  'maxOrigins',
  'outcomeOf',
])
const OUTCOMES: readonly CallOutcome[] = ['success', 'failure', 'ignored']

/**
 * Refuses calls to an origin at once, with a CircuitOpenError, while most of them fail: neither side wastes its time on what will not work.
 *
 * A failure is, unless `outcomeOf` says otherwise: no connection, a lost one, a time limit but that of this side's queue, and a status of 500 and
 * above but 501 and 505. Any other response is a success; all else (an abort, a body that could not be read, what is no HTTP) says nothing. A call
 * ends with the head of its response.
 *
 * Memory: ten counts for each of up to `maxOrigins`, and for those with calls on their way. No timer.
 *
 * @throws {UsageError} INVALID_OPTION.
 */
export function circuitBreaker(options: CircuitBreakerOptions = {}): CircuitBreaker {
  refuseUnknown('circuitBreaker', options, KNOWN)
  const { failureRate = 0.5, minimumCalls = 20, windowMs = 30_000, openMs = 30_000, probes = 1 } = options
  const { maxOrigins = 1000, outcomeOf: judge = outcomeOf } = options
  const limits = {
    failureRate: checkNumber('failureRate', failureRate, Number.MIN_VALUE, 1),
    minimumCalls: checkCount('minimumCalls', minimumCalls, 1),
    windowMs: checkNumber('windowMs', windowMs, 1, Number.MAX_SAFE_INTEGER),
    openMs: checkNumber('openMs', openMs, 1, Number.MAX_SAFE_INTEGER),
    probes: checkCount('probes', probes, 1),
  }
  if (probes === Infinity) throw invalidOption('probes', 'must be finite: all of them must succeed')
  const circuits = new ByOrigin(checkCount('maxOrigins', maxOrigins, 1), () => new Circuit(limits))
  checkFunction('outcomeOf', judge)
  const middleware: Middleware = async (request, next) => {
    const { origin } = request
    const circuit = circuits.take(origin)
    try {
      return await throughCircuit(circuit, request, next, judge)
    } finally {
      circuits.letGo(origin)
    }
  }
  const stats = (): CircuitStats[] =>
    Array.from(circuits.entries(), ([origin, circuit]) => ({
      origin,
      state: circuit.state,
      ...circuit.counts,
    }))
  return Object.assign(named('circuitBreaker', middleware), { stats })
}

async function throughCircuit(
  circuit: Circuit,
  request: ClientRequest,
  next: Next,
  judge: (call: CircuitCall) => CallOutcome,
): Promise<ClientResponse> {
  const admission = circuit.admit(request.now())
  if (admission.kind === 'refused')
    throw new CircuitOpenError(request.facts('queue'), request.origin, admission.retryAfterMs)
  const call = await endOf(request, next)
  // What the judge throws must not keep a probe's place.
  let outcome: CallOutcome = 'ignored'
  try {
    outcome = judged(judge, call)
  } catch (error) {
    call.response?.discard()
    throw error
  } finally {
    admission.ended(outcome, request.now())
  }
  if (call.response === null) throw call.error
  return call.response
}

async function endOf(request: ClientRequest, next: Next): Promise<CircuitCall> {
  try {
    return { request, response: await next(request), error: undefined }
  } catch (error) {
    return { request, response: null, error }
  }
}

function judged(judge: (call: CircuitCall) => CallOutcome, call: CircuitCall): CallOutcome {
  const outcome = judge(call)
  if (OUTCOMES.includes(outcome)) return outcome
  throw invalidOption('outcomeOf', `must answer one of ${OUTCOMES.join(', ')}`)
}
