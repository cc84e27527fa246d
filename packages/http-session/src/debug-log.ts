/**
 * One line on stderr for each trace event, for who sets `NODE_DEBUG=http-session`. Node writes it (`util.debuglog`), and is asked for it by name, so that
 * this file loads on every runtime.
 */
import { isWanted } from './trace.ts'
import type { TraceEvent, TraceListener } from './trace.ts'

/** Where `NODE_DEBUG` has this name, or a pattern that it fits. */
const SECTION = 'http-session'

/** What is asked of the runtime. `globalThis` fits. */
export interface DebugRuntime {
  readonly process?:
    | {
        readonly env?: { readonly NODE_DEBUG?: string | undefined } | undefined
        /** Since Node 20.16 and 22.3. */
        readonly getBuiltinModule?:
          | ((name: 'node:util') => { readonly debuglog?: Debuglog } | undefined)
          | undefined
      }
    | undefined
  /** Only whether it is there. */
  readonly Deno?: unknown
}

type Debuglog = (section: string) => {
  (format: string, text: string): void
  readonly enabled: boolean
}

/** The caller's listener, of each that has a log in front of it. */
const behindLogs = new WeakMap<TraceListener, { readonly listener: TraceListener | undefined }>()

/**
 * The listener, with the log in front of it where `NODE_DEBUG` asks for one; else the listener itself, so that nothing is traced for nobody.
 *
 * The listener's `isWanted` is asked at each event then, not at each request's beginning.
 */
export function withDebugLog(
  listener: TraceListener | undefined,
  runtime: DebugRuntime = globalThis as DebugRuntime,
): TraceListener | undefined {
  const log = debugLog(runtime)
  if (log === null) return listener
  const logged: TraceListener = (event) => {
    log('%s', debugLine(event))
    if (isWanted(listener)) listener(event)
  }
  behindLogs.set(logged, { listener })
  return logged
}

/** The caller's listener, for what the log has told already. */
export function withoutDebugLog(listener: TraceListener | undefined): TraceListener | undefined {
  if (listener === undefined) return undefined
  const behind = behindLogs.get(listener)
  return behind === undefined ? listener : behind.listener
}

function debugLog(runtime: DebugRuntime): ReturnType<Debuglog> | null {
  // Deno would ask its user whether the environment may be read.
  if ('Deno' in runtime || !runtime.process?.env?.NODE_DEBUG) return null
  const log = runtime.process.getBuiltinModule?.('node:util')?.debuglog?.(SECTION)
  return log?.enabled === true ? log : null
}

/** One line without a line break, user information, query or fragment: those may be secret. */
export function debugLine(event: TraceEvent): string {
  const at = `at ${event.at.toFixed(1)} ms`
  if (event.type === 'closed') return `- ${event.origin} closed after ${event.exchangeCount} exchanges, ${at}`
  const { requestId, method, url, attempts, type } = event
  const attempt = attempts > 1 ? `, attempt ${attempts}` : ''
  return `#${requestId} ${method} ${publicUrl(url)} ${type}${newsOf(event)}${attempt}, ${at}`
}

function newsOf(event: Exclude<TraceEvent, { readonly type: 'closed' }>): string {
  if (event.type === 'sent' || event.type === 'body') return ` ${event.byteCount} bytes`
  if (event.type === 'headers') return ` ${event.status}`
  if (event.type === 'redirect') return ` ${event.status} to ${publicUrl(event.location)}`
  return event.type === 'failed' ? ` ${reasonOf(event.error)}` : ''
}

function publicUrl(url: string): string {
  return url.replace(/[?#].*$/s, '').replace(/^([a-z]+:\/\/)[^/]*@/, '$1')
}

/** A reason to abort may be anything; of what is no error only the type is told. */
function reasonOf(error: unknown): string {
  if (!(error instanceof Error)) return typeof error
  const { code } = error as { code?: unknown }
  const name = typeof code === 'string' ? code : error.name
  const message = error.message.replace(/[a-z]+:\/\/[^\s"'<>]+/g, publicUrl)
  return `${name}: ${message}`.replace(/[\r\n]+\s*/g, ' ')
}
